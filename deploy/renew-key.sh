#!/usr/bin/env bash
# Renews the key of encrypted columns where keys are handed in from a folder: the present one becomes
# an older one, which decrypts alone, and older-keys.yaml hands it to the containers of Compose. Stop
# web and workers before, and run `petitions keys renew` after (README.md). Run it as root, once: each
# run makes another key. Whatever interrupts it, all keys are still there.
set -euo pipefail
folder=${1:-$(dirname "$0")/secrets}
command -v openssl >/dev/null || { echo "install openssl" >&2; exit 2; }
[ -e "$folder/columns.key" ] || { echo "no columns.key in $folder: name the folder of the secrets" >&2; exit 2; }

app=10001
umask 077

# keep FILE: takes the content from standard input, whole or not at all
keep() {
  cat >"$folder/.coming"
  if [ "$(id -u)" = 0 ]; then chown "$app:$app" "$folder/.coming"; fi
  chmod 0400 "$folder/.coming"
  sync "$folder/.coming"
  mv "$folder/.coming" "$folder/$1"
  echo "made $folder/$1"
}

number=1
while [ -e "$folder/columns-$number.key" ]; do
  # One that was interrupted left the present key as an older one.
  if cmp -s "$folder/columns.key" "$folder/columns-$number.key"; then break; fi
  number=$((number + 1))
done
rm -f "$folder/.coming" "$folder/.new"
keep "columns-$number.key" <"$folder/columns.key"
{
  echo "# Made by renew-key.sh: older keys, for all that opens the office."
  echo "services:"
  for service in init web-1 web-2 worker shell; do
    echo "  $service:"
    echo "    secrets:"
    for ((one = 1; one <= number; one++)); do
      echo "      - { source: columns-$one.key, target: /var/lib/petitions/keys/columns-$one.key }"
    done
  done
  echo "secrets:"
  for ((one = 1; one <= number; one++)); do
    echo "  columns-$one.key: { file: ./secrets/columns-$one.key }"
  done
} >"$folder/.older-keys"
mv "$folder/.older-keys" "$folder/older-keys.yaml"
chmod 0444 "$folder/older-keys.yaml"
openssl rand -out "$folder/.new" 32
keep columns.key <"$folder/.new"
rm -f "$folder/.new"
[ "$(id -u)" = 0 ] || echo "not root: the files stay yours, and containers can't read them" >&2
echo "keep copies of $folder/columns.key and $folder/columns-$number.key apart, with lookup.key"
