#!/usr/bin/env bash
# Makes the secrets of a new office in deploy/secrets, once: passwords, keys, a certificate for the
# proxy. Each file belongs to the user that reads it in its container, so run it as root. Again:
# what is there stays as it is.
set -euo pipefail
host=${1:?"usage: make-secrets.sh HOST [FOLDER]   HOST: the name that people type in the browser"}
folder=${2:-$(dirname "$0")/secrets}
command -v openssl >/dev/null || { echo "install openssl" >&2; exit 2; }

app=10001 postgres=999 elastic=1000 proxy=10002
umask 077
mkdir -p "$folder"
chmod 0711 "$folder"

# give FILE USER: takes the content from standard input, whole or not at all
give() {
  cat >"$folder/.coming"
  if [ ! -s "$folder/.coming" ]; then
    rm "$folder/.coming"
    echo "nothing came for $folder/$1: mend that and run this again" >&2
    exit 1
  fi
  if [ "$(id -u)" = 0 ]; then chown "$2:$2" "$folder/.coming"; fi
  chmod 0400 "$folder/.coming"
  mv "$folder/.coming" "$folder/$1"
  echo "made $folder/$1"
}

has() { [ -e "$folder/$1" ]; }

if ! has postgres_password; then
  openssl rand -hex 24 | give postgres_password "$postgres"
fi
if ! has database_url; then
  printf 'postgresql+psycopg://petitions:%s@postgresql:5432/petitions\n' "$(cat "$folder/postgres_password")" |
    give database_url "$app"
fi
if ! has elastic_password; then
  openssl rand -hex 24 | give elastic_password "$elastic"
fi
if ! has elastic_password_setup; then
  give elastic_password_setup "$app" <"$folder/elastic_password"
fi
for key in columns lookup; do
  if ! has "$key.key"; then
    openssl rand 32 | give "$key.key" "$app"
  fi
done
if ! has proxy.crt; then
  made=$(mktemp -d)
  trap 'rm -rf "$made"' EXIT
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 \
    -subj "/CN=$host" -addext "subjectAltName=DNS:$host" -addext "basicConstraints=critical,CA:FALSE" \
    -keyout "$made/key" -out "$made/crt" 2>/dev/null
  give proxy.key "$proxy" <"$made/key"
  give proxy.crt "$proxy" <"$made/crt"
fi
[ "$(id -u)" = 0 ] || echo "not root: the files stay yours, and containers can't read them" >&2
echo "keep a copy of $folder/columns.key and $folder/lookup.key apart: without them no name can be read"
