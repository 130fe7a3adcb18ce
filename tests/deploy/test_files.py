"""The files of deploy/: valid by their tools' own validators, and as closed as they claim to be."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.app import MEBIBYTE
from records.home import Settings, environment_name
from records.keys import read_keys
from records.roles import Role, roles_of
from tests.deploy.offices import ROOT

DEPLOY = ROOT / "deploy"
TEXTS = [
    path
    for path in DEPLOY.rglob("*")
    if path.is_file() and not {"secrets", "__pycache__"} & {*path.parts}
]
README = (DEPLOY / "README.md").read_text("utf-8")
MANIFESTS = sorted(
    path for path in (DEPLOY / "kubernetes").glob("*.yaml") if path.name != "kustomization.yaml"
)
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
OBJECTS: list[dict[str, Any]] = [
    one for path in MANIFESTS for one in yaml.safe_load_all(path.read_text("utf-8"))
]
PINNED = re.compile(r"[a-z0-9/-]+:v?\d+(\.\d+)+(-[a-z0-9.-]+)?")
NOT_READ_ONLY = {"es-0", "es-1", "es-2"}
"""Elasticsearch's start writes a keystore into its own configuration folder."""


def run(*words: str | Path) -> None:
    tool = Path(sys.executable).with_name(str(words[0]))
    ran = subprocess.run(
        [str(tool), *map(str, words[1:])], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_compose_keeps_to_its_schema() -> None:
    run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")


def test_manifests_keep_to_their_schemas() -> None:
    run("kubernetes-validate", "--strict", "-k", "1.33", *MANIFESTS)


def test_yaml_is_tidy() -> None:
    run("yamllint", "--strict", "-c", ROOT / ".yamllint.yaml", DEPLOY)


def test_the_image_keeps_to_the_rules_of_hadolint() -> None:
    run("hadolint", "--failure-threshold", "info", DEPLOY / "Dockerfile")


def test_scripts_keep_to_the_rules_of_shellcheck() -> None:
    run("shellcheck", *DEPLOY.glob("*.sh"))
    run("shellcheck", ROOT / ".ci" / "run")


def test_the_validators_see_mistakes(tmp_path: Path) -> None:
    """A validator that passes everything would prove nothing."""
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text((DEPLOY / "compose.yaml").read_text("utf-8").replace("cap_drop", "cap_dorp"))
    with pytest.raises(AssertionError, match="cap_dorp"):
        run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", wrong)
    manifest = (DEPLOY / "kubernetes" / "web.yaml").read_text("utf-8")
    wrong.write_text(manifest.replace("runAsNonRoot", "runAsNoRoot"))
    with pytest.raises(AssertionError, match="runAsNoRoot"):
        run("kubernetes-validate", "--strict", "-k", "1.33", wrong)
    wrong.write_text("FROM debian\nRUN cd /tmp && sudo apt-get install gcc\n")
    with pytest.raises(AssertionError, match="DL30"):
        run("hadolint", "--failure-threshold", "info", wrong)


# ---- the image ------------------------------------------------------------------------------


def stages() -> list[list[str]]:
    text = re.sub(r"\\\n", " ", (DEPLOY / "Dockerfile").read_text("utf-8"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    starts = [number for number, line in enumerate(lines) if line.startswith("FROM ")]
    return [lines[a:b] for a, b in zip(starts, [*starts[1:], len(lines)], strict=True)]


def test_the_image_is_built_in_one_stage_and_runs_in_another() -> None:
    build, final = stages()
    assert build[0].endswith(" AS build")
    for stage in (build, final):
        assert PINNED.fullmatch(stage[0].split()[1]), stage[0]
    runs = " ".join(line for line in final if line.startswith("RUN"))
    assert "pip uninstall --yes pip setuptools" in runs
    assert not re.search(r"\b(gcc|g\+\+|make|build-essential|git|curl|wget)\b", runs)
    for needed in ("tesseract-ocr-chi-sim", "fonts-noto-cjk", "postgresql-client-17"):
        assert needed in runs
    assert [line for line in final if line.startswith("USER")] == ["USER 10001:10001"]
    assert any("/api/health" in line for line in final)


def test_the_dump_tool_fits_the_server() -> None:
    """pg_dump refuses a server newer than itself."""
    server = SERVICES["postgresql"]["image"].split(":")[1].split(".")[0]
    assert f"postgresql-client-{server} " in (DEPLOY / "Dockerfile").read_text("utf-8")


def test_the_image_holds_the_packages_of_the_project() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    packages = re.findall(r'"(\w+)"', re.findall(r"^packages = \[(.*)\]", project, re.M)[0])
    copied = re.findall(r"^COPY (\w+) (\w+)$", (DEPLOY / "Dockerfile").read_text("utf-8"), re.M)
    assert sorted(one for one, _ in copied) == sorted(packages)
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {f"!{package}" for package in packages} <= set(ignored)


# ---- compose --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_no_rights_to_gain(name: str) -> None:
    service = SERVICES[name]
    user = service["user"].split(":")[0]
    assert user.isdecimal()
    assert user != "0"
    assert service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "proxy" else [])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service.get("read_only", False) == (name not in NOT_READ_ONLY)
    assert not {"privileged", "pid", "ipc", "devices", "userns_mode"} & service.keys()
    assert not any("docker.sock" in str(volume) for volume in service.get("volumes", []))


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_its_limits(name: str) -> None:
    service = SERVICES[name]
    limits = service["deploy"]["resources"]["limits"]
    assert set(limits) == {"cpus", "memory", "pids"}
    assert service["logging"]["options"]["max-size"]
    assert service["restart"] in ("no", "unless-stopped")
    if service["restart"] == "unless-stopped":
        assert service["healthcheck"]["test"]


@pytest.mark.parametrize("name", SERVICES)
def test_an_image_is_pinned(name: str) -> None:
    assert PINNED.fullmatch(SERVICES[name]["image"]), SERVICES[name]["image"]


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert [name for name, one in SERVICES.items() if "ports" in one] == ["proxy"]
    assert len(SERVICES["proxy"]["ports"]) == 1
    open_ = {name for name, one in COMPOSE["networks"].items() if not one.get("internal")}
    assert open_ == {"edge"}
    masquerade = "com.docker.network.bridge.enable_ip_masquerade"
    assert COMPOSE["networks"]["edge"]["driver_opts"][masquerade] == "false"
    for name, service in SERVICES.items():
        if service.get("network_mode") == "none":
            continue
        assert ("edge" in service["networks"]) == (name == "proxy")
        assert "network_mode" not in service


def test_databases_and_the_proxy_share_no_network() -> None:
    proxy = set(SERVICES["proxy"]["networks"])
    for name in ("postgresql", "es-0", "es-1", "es-2", "tika"):
        assert not proxy & set(SERVICES[name]["networks"]), name


def environments() -> Iterator[tuple[str, str, str]]:
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            yield name, variable, str(value)
    for one in OBJECTS:
        if one["kind"] == "ConfigMap":
            for variable, value in one["data"].items():
                yield one["metadata"]["name"], variable, value
        for box in containers(one):
            for entry in box.get("env", []):
                yield box["name"], entry["name"], entry.get("value", "")


def test_secrets_come_from_files_alone() -> None:
    for name, variable, value in environments():
        if re.search(r"PASSWORD|API_KEY|DATABASE_URL|SECRET|TOKEN", variable):
            assert variable.endswith("_FILE"), f"{name}: {variable}"
            assert value.startswith("/run/"), f"{name}: {variable}"
        assert not re.search(r"://[^/]*:[^/]*@", value), f"{name}: {variable}"
    for name, secret in COMPOSE["secrets"].items():
        assert secret == {"file": f"./secrets/{name}"}
    assert not [one for one in OBJECTS if one["kind"] == "Secret"]
    assert "deploy/secrets/" in (ROOT / ".gitignore").read_text("utf-8").splitlines()


def test_every_setting_is_one_that_the_program_knows() -> None:
    known = {environment_name(name) for name in Settings.__dataclass_fields__}
    known |= {f"{name}_FILE" for name in known} | {"PETITIONS_HOME"}
    named = {variable for _, variable, _ in environments() if variable.startswith("PETITIONS_")}
    for path in (*TEXTS, ROOT / ".ci" / "run"):
        named |= set(re.findall(r"PETITIONS_[A-Z_]+[A-Z]", path.read_text("utf-8")))
    assert named <= known
    assert len(named) > 8


def test_both_ways_to_deploy_say_the_same() -> None:
    (config,) = (one for one in OBJECTS if one["kind"] == "ConfigMap")
    ours = SERVICES["web-1"]["environment"]
    assert set(config["data"]) == set(ours)
    defaults = {name: re.sub(r"\$\{\w+:-(.*)\}", r"\1", value) for name, value in ours.items()}
    for name in set(ours):
        if not name.endswith(("_FILE", "_URL", "_CA")):
            assert config["data"][name] == defaults[name], name
    assert int(defaults["PETITIONS_MAX_FILE_BYTES"]) == Settings().max_file_bytes
    assert int(defaults["PETITIONS_CODE_STEPS"]) == Settings().code_steps
    images = {service["image"] for service in SERVICES.values()}
    named = {box["image"] for one in OBJECTS for box in containers(one)} - {"petitions"}
    assert named < images
    kustomization = yaml.safe_load((DEPLOY / "kubernetes" / "kustomization.yaml").read_text())
    tag = f"petitions:{kustomization['images'][0]['newTag']}"
    assert tag in images
    assert f'version = "{tag.split(":")[1]}"' in (ROOT / "pyproject.toml").read_text()


def test_everybody_must_have_a_second_factor() -> None:
    (config,) = (one for one in OBJECTS if one["kind"] == "ConfigMap")
    for given in (SERVICES["web-1"]["environment"], config["data"]):
        asked = re.sub(r"\$\{\w+:-(.*)\}", r"\1", given["PETITIONS_SECOND_FACTOR_FOR"])
        assert roles_of(asked) == set(Role)


def test_every_secret_is_made() -> None:
    script = (DEPLOY / "make-secrets.sh").read_text("utf-8")
    for name in COMPOSE["secrets"]:
        assert name in script or name.replace(".key", "") in script, name
    users = {
        "database_url": "init", "postgres_password": "postgresql", "elastic_password": "es-0",
        "elastic_password_setup": "engine-key", "proxy.key": "proxy",
    }  # fmt: skip
    variables = dict(re.findall(r"(\w+)=(\d+)", script))
    for secret, service in users.items():
        user = SERVICES[service]["user"].split(":")[0]
        (owner,) = set(re.findall(rf'give {re.escape(secret)} "\$(\w+)"', script))
        assert variables[owner] == user, secret


def test_volumes_and_networks_are_declared() -> None:
    for name, service in SERVICES.items():
        assert set(service.get("networks", [])) <= set(COMPOSE["networks"]), name
        sources = {str(volume).split(":")[0] for volume in service.get("volumes", [])}
        named = {source for source in sources if not source.startswith((".", "$"))}
        assert named <= set(COMPOSE["volumes"]), name


# ---- Kubernetes -----------------------------------------------------------------------------


def pod_of(one: dict[str, Any]) -> dict[str, Any]:
    if one["kind"] == "CronJob":
        one = one["spec"]["jobTemplate"]
    found: dict[str, Any] = one.get("spec", {}).get("template", {}).get("spec", {})
    return found


def containers(one: dict[str, Any]) -> list[dict[str, Any]]:
    pod = pod_of(one)
    return [*pod.get("initContainers", []), *pod.get("containers", [])]


PODS = [one for one in OBJECTS if pod_of(one)]
LASTING = [one for one in PODS if one["kind"] in ("Deployment", "StatefulSet")]


def name_of(one: dict[str, Any]) -> str:
    return f"{one['kind']} {one['metadata']['name']}"


def test_kustomization_names_every_file() -> None:
    kustomization = yaml.safe_load((DEPLOY / "kubernetes" / "kustomization.yaml").read_text())
    assert sorted(kustomization["resources"]) == [path.name for path in MANIFESTS]


@pytest.mark.parametrize("one", PODS, ids=name_of)
def test_a_pod_has_no_rights_to_gain(one: dict[str, Any]) -> None:
    pod = pod_of(one)
    secured = pod["securityContext"]
    assert secured["runAsNonRoot"] is True
    assert secured["runAsUser"] > 0
    assert secured["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
    assert not any("hostPath" in volume for volume in pod["volumes"])
    for box in containers(one):
        own = box["securityContext"]
        assert own["allowPrivilegeEscalation"] is False
        assert own["capabilities"] == {"drop": ["ALL"]}
        assert own["readOnlyRootFilesystem"] is (box["name"] != "elasticsearch")
        assert set(box["resources"]["limits"]) == set(box["resources"]["requests"])
        assert set(box["resources"]["limits"]) == {"cpu", "memory"}
        assert box["image"] == "petitions" or PINNED.fullmatch(box["image"])


@pytest.mark.parametrize("one", LASTING, ids=name_of)
def test_what_lasts_is_watched_and_not_all_evicted(one: dict[str, Any]) -> None:
    for box in containers(one):
        assert "startupProbe" in box
        assert "livenessProbe" in box
        assert "readinessProbe" in box or one["metadata"]["name"] == "worker"
    labels = one["spec"]["template"]["metadata"]["labels"]
    (budget,) = (
        other
        for other in OBJECTS
        if other["kind"] == "PodDisruptionBudget"
        and other["spec"]["selector"]["matchLabels"].items() <= labels.items()
    )
    assert 0 < budget["spec"]["minAvailable"] <= one["spec"]["replicas"]


def test_originals_are_shared_by_all_pods() -> None:
    claims = {one["metadata"]["name"]: one["spec"] for one in OBJECTS if one["kind"].endswith("im")}
    assert claims["home"]["accessModes"] == ["ReadWriteMany"]
    for one in PODS:
        for volume in pod_of(one)["volumes"]:
            if "persistentVolumeClaim" in volume:
                assert volume["persistentVolumeClaim"]["claimName"] in claims


def policies() -> dict[str, Any]:
    return {
        one["metadata"]["name"]: one["spec"] for one in OBJECTS if one["kind"] == "NetworkPolicy"
    }


def test_nothing_talks_unless_it_is_named() -> None:
    nothing = policies()["nothing"]
    assert nothing == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for name, policy in policies().items():
        for rule in (*policy.get("egress", []), *policy.get("ingress", [])):
            peers = rule.get("to") or rule.get("from")
            assert peers, f"{name} is open to all"
            assert rule["ports"], f"{name} opens all ports"
            for peer in peers:
                assert "ipBlock" not in peer, f"{name} leads out of the cluster"
                assert peer.get("podSelector") or peer.get("namespaceSelector"), name
        for rule in policy.get("egress", []):
            assert all(peer.get("podSelector") for peer in rule["to"]), name


def test_what_may_be_asked_may_be_answered() -> None:
    """Each way out of one pod is a way into another, on a port that it has."""
    ports = {
        one["spec"]["template"]["metadata"]["labels"]["app"]: {
            port["containerPort"] for box in containers(one) for port in box.get("ports", [])
        }
        for one in LASTING
    }
    for name, policy in policies().items():
        for rule in policy.get("egress", []):
            target = rule["to"][0]["podSelector"]["matchLabels"].get("app")
            if target is None:
                continue  # the cluster's own names
            asked = {port["port"] for port in rule["ports"]}
            assert asked <= ports[target], name
            taken = {port["port"] for one in policies()[target]["ingress"] for port in one["ports"]}
            assert asked <= taken, name


def test_the_ingress_has_tls_and_room_for_a_file() -> None:
    (ingress,) = (one for one in OBJECTS if one["kind"] == "Ingress")
    hosts = [rule["host"] for rule in ingress["spec"]["rules"]]
    assert ingress["spec"]["tls"][0]["hosts"] == hosts
    size = ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-body-size"]
    assert size == f"{(Settings().max_file_bytes + MEBIBYTE) // MEBIBYTE}m"


def test_the_proxys_configuration_is_valid(tmp_path: Path) -> None:
    made = [DEPLOY / "make-secrets.sh", "petitions.test", tmp_path]
    subprocess.run([str(word) for word in made], check=True, capture_output=True)
    given = {name: str(value) for name, value in SERVICES["proxy"]["environment"].items()}
    given |= {
        "PROXY_HOST": "petitions.test",
        "PROXY_CERTIFICATE": str(tmp_path / "proxy.crt"),
        "PROXY_CERTIFICATE_KEY": str(tmp_path / "proxy.key"),
        "XDG_CONFIG_HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
    }
    words = ["caddy", "validate", "--adapter", "caddyfile", "--config"]
    ran = subprocess.run(
        [*words, str(DEPLOY / "caddy" / "Caddyfile")],
        env=given, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    text = (DEPLOY / "caddy" / "Caddyfile").read_text("utf-8")
    named = set(re.findall(r"\{\$(\w+)", text))
    assert named - {"PROXY_HEALTH_PORT"} == {one for one in given if one.startswith("PROXY_")}


def test_no_file_names_a_registry() -> None:
    for path in TEXTS:
        text = path.read_text("utf-8")
        assert not re.search(r"\b(docker\.io|docker\.elastic\.co|ghcr\.io|quay\.io)\b", text)


# ---- renewing the key of encrypted columns -----------------------------------------------------


def test_keys_that_are_handed_in_are_renewed(tmp_path: Path) -> None:
    """The script, twice: every key is still there, and the program reads all of them."""
    secrets = tmp_path / "secrets"
    run_script("make-secrets.sh", "petitions.example", secrets)
    seen = [read_keys(secrets)]
    for _ in range(2):
        run_script("renew-key.sh", secrets)
        seen.append(read_keys(secrets))
    first, second, third = (one.columns for one in seen)
    assert [(one.number, one.key) for one in seen[2].older] == [(2, second), (1, first)]
    assert len({first, second, third}) == 3
    assert {one.lookup for one in seen} == {seen[0].lookup}
    assert {one.stat().st_mode & 0o777 for one in secrets.glob("*.key")} == {0o400}
    assert not [one for one in secrets.iterdir() if one.name.startswith(".")]
    run_script("make-secrets.sh", "petitions.example", secrets)  # changes nothing
    assert read_keys(secrets) == seen[2]


def test_no_secret_is_left_empty(tmp_path: Path) -> None:
    """Where openssl fails, the next run makes what is missing."""
    programs, secrets = tmp_path / "bin", tmp_path / "secrets"
    programs.mkdir()
    (programs / "openssl").write_text("#!/bin/sh\nexit 1\n", "utf-8")
    (programs / "openssl").chmod(0o755)
    refused = subprocess.run(
        [DEPLOY / "make-secrets.sh", "petitions.example", secrets],
        env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert refused.returncode == 1
    assert "nothing came for" in refused.stderr
    assert list(secrets.iterdir()) == []
    run_script("make-secrets.sh", "petitions.example", secrets)
    assert len(read_keys(secrets).columns) == 32


def test_a_script_that_was_killed_makes_no_second_elder(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    run_script("make-secrets.sh", "petitions.example", secrets)
    first = read_keys(secrets)
    (secrets / "columns-1.key").write_bytes(first.columns)
    assert read_keys(secrets) == first
    run_script("renew-key.sh", secrets)
    assert [(one.number, one.key) for one in read_keys(secrets).older] == [(1, first.columns)]


def test_older_keys_reach_every_container_that_opens_the_office(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    run_script("make-secrets.sh", "petitions.example", secrets)
    run_script("renew-key.sh", secrets)
    run_script("renew-key.sh", secrets)
    path = secrets / "older-keys.yaml"
    run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", path)
    added = yaml.safe_load(path.read_text("utf-8"))
    opening = {
        name
        for name, one in SERVICES.items()
        if any("columns.key" in str(secret) for secret in one.get("secrets", []))
    }
    assert set(added["services"]) == opening
    (target,) = {
        secret["target"]
        for secret in SERVICES["worker"]["secrets"]
        if isinstance(secret, dict) and secret["source"] == "columns.key"
    }
    for service in added["services"].values():
        assert service == {
            "secrets": [
                {"source": name, "target": target.replace("columns.key", name)}
                for name in ("columns-1.key", "columns-2.key")
            ]
        }
    assert added["secrets"] == {
        name: {"file": f"./secrets/{name}"} for name in ("columns-1.key", "columns-2.key")
    }


def test_the_job_that_renews_is_init_with_another_command(tmp_path: Path) -> None:
    (program,) = re.findall(r"sed '(.*)' deploy/kubernetes/init\.yaml", README)
    made = subprocess.run(
        ["sed", program, DEPLOY / "kubernetes" / "init.yaml"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    (tmp_path / "renew.yaml").write_text(made)
    run("kubernetes-validate", "--strict", "-k", "1.33", tmp_path / "renew.yaml")
    job = yaml.safe_load(made)
    (box,) = containers(job)
    assert (job["metadata"]["name"], box["command"]) == ("renew", ["petitions", "keys", "renew"])
    assert box["image"] == SERVICES["worker"]["image"]
    assert job["spec"]["template"]["metadata"]["labels"]["part"] == "program"


def run_script(name: str, *words: str | Path) -> None:
    subprocess.run(["bash", DEPLOY / name, *words], capture_output=True, check=True)
