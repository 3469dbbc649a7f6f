#!/bin/sh
# Debian's Python SDK for Azure against the emulator: tests/clients/python.sh BUILD-FOLDER
set -eu

. "$(dirname "$0")/lib.sh"
clients_begin "$1" python

# The program makes the KEK first, then wants blobs under it, which keyturn makes: so it is called once for each part.
sdk() {
	(clients_route && exec /usr/bin/python3 -W error::SyntaxWarning "$clients/python.py" "$@")
}

sdk kek "$work/kek.json"
clients_blob rsa:3072 cmk
clients_blob EC:prime256v1 signing
sdk import cmk RSA-HSM "" "$work/cmk.byok" "$work/cmk.json"
is "the version has the HSM's RSA key" "$(clients_hsm_public cmk)" "$(clients_vault_public <"$work/cmk.json")"
sdk import signing EC-HSM P-256 "$work/signing.byok" "$work/signing.json"
is "the version has the HSM's EC key" "$(clients_hsm_public signing)" "$(clients_vault_public <"$work/signing.json")"
sdk use cmk
sdk versions cmk
sdk refusals "$work/cmk.byok"
sdk services
