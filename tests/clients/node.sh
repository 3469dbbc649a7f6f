#!/bin/sh
# The Node SDK for Azure, from npm, against the emulator: tests/clients/node.sh BUILD-FOLDER
set -eu

. "$(dirname "$0")/lib.sh"

# The SDK goes into the build folder, once for each state of the lock file; this is the only part that needs a network.
sdk="$1/tests/clients/node"
mkdir -p "$sdk"
if ! cmp -s "$clients/package-lock.json" "$sdk/installed"; then
	rm -f "$sdk/installed"
	cp "$clients/package.json" "$clients/package-lock.json" "$sdk/"
	npm ci --prefix "$sdk" --ignore-scripts --no-audit --no-fund --loglevel=error >"$sdk/npm.log" 2>&1 || { cat "$sdk/npm.log"; exit 1; }
	cp "$clients/package-lock.json" "$sdk/installed"
fi

cp "$clients/node.mjs" "$sdk/"

clients_begin "$1" node

# The program makes the KEK first, then wants blobs under it, which keyturn makes: so it is called once for each part.
part() {
	(clients_route && exec node "$sdk/node.mjs" "$@")
}

part kek "$work/kek.json"
clients_blob rsa:3072 cmk
clients_blob EC:prime256v1 signing
part import cmk RSA-HSM "" "$work/cmk.byok" "$work/cmk.json"
is "the version has the HSM's RSA key" "$(clients_hsm_public cmk)" "$(clients_vault_public <"$work/cmk.json")"
part import signing EC-HSM P-256 "$work/signing.byok" "$work/signing.json"
is "the version has the HSM's EC key" "$(clients_hsm_public signing)" "$(clients_vault_public <"$work/signing.json")"
part use cmk
part versions cmk
part refusals "$work/cmk.byok"
part services cmk
