# Sourced by the tests of real Azure clients: a playground, a proxy that leads Azure's names to its emulator, and checks.
#
#   clients_begin BUILD NAME       make the playground and start both; everything is stopped and removed at exit
#   clients_blob KIND NAME         make an HSM key of KIND (rsa:3072, EC:prime256v1), wrap it into $work/NAME.byok
#   clients_hsm_public NAME        the SHA-256 of a public key in the HSM
#   clients_vault_public           the same of a vault's key on standard input
#   clients_az_login               sign az in; prints what az does
#   is WHAT WANTED GOT             one check; the first that fails ends the test
#   refused WHAT CODE COMMAND…     one check: the command fails and says the code; all it said is in $work/refusal
#
# After clients_begin, $work is the test's folder, and vault, vault_name, fhir … hold what the ready file says.

clients=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$clients/../.." && pwd)
. "$top/tests/playground.sh"

clients_end() {
	status=$?
	trap - EXIT INT TERM
	[ "$status" -eq 0 ] || clients_tell_failure
	[ -z "${proxy_pid:-}" ] || { kill "$proxy_pid" 2>/dev/null || true; wait "$proxy_pid" 2>/dev/null || true; }
	playground_stop "$work"
	rm -rf "$work"
	exit "$status"
}

# What a person needs to see why: the last requests, and what the processes said.
clients_tell_failure() {
	echo "not ok - $0 failed; the last requests were:"
	tail -n 8 "$work/emulator/requests.jsonl" 2>/dev/null |
		jq -c '[.method, .host, .path, .query, .body, .status, .response]' | cut -c 1-600
	cat "$work/proxy.log" "$work/emulator/output" 2>/dev/null
}

clients_begin() {
	work=$(mktemp -d "${TMPDIR:-/tmp}/keyturn-$2.XXXXXX")
	trap clients_end EXIT
	trap 'exit 1' INT TERM
	playground_make "$work" "$1"

	/usr/bin/python3 "$clients/proxy.py" "$(playground_ready port)" "$work/proxy.port" 2>"$work/proxy.log" &
	proxy_pid=$!
	playground_wait_for "$work/proxy.port" "$proxy_pid" "$work/proxy.log"

	tenant=$(playground_ready tenant)
	client_id=$(playground_ready client_id)
	client_secret_file=$(playground_ready client_secret_file)
	subscription=$(playground_ready subscription)
	fhir=$(playground_ready fhir)
	dicom=$(playground_ready dicom)
	service=$(playground_ready service)
	ca=$(playground_ready ca)
	vault_name=$(playground_ready vault | sed 's|^https://||; s|\..*||')
	vault="https://$vault_name.vault.azure.net"
	export work tenant client_id client_secret_file subscription fhir dicom service vault vault_name
}

# The environment in which clients find the emulator, and nothing else, under Azure's names.
clients_route() {
	HTTPS_PROXY="http://127.0.0.1:$(cat "$work/proxy.port")"
	https_proxy=$HTTPS_PROXY
	HTTP_PROXY=$HTTPS_PROXY
	http_proxy=$HTTPS_PROXY
	REQUESTS_CA_BUNDLE=$ca
	NODE_EXTRA_CA_CERTS=$ca
	export HTTPS_PROXY https_proxy HTTP_PROXY http_proxy REQUESTS_CA_BUNDLE NODE_EXTRA_CA_CERTS
	unset NO_PROXY no_proxy ALL_PROXY all_proxy SSL_CERT_FILE NODE_OPTIONS
}

# az as Debian has it, with a home of its own, no telemetry, and the small module that Debian's az lacks.
clients_az_login() {
	clients_route
	AZURE_CONFIG_DIR=$work/azure
	AZURE_CORE_COLLECT_TELEMETRY=false
	AZURE_CORE_ONLY_SHOW_ERRORS=true
	PYTHONPATH=$clients/shim
	PYTHONDONTWRITEBYTECODE=1
	export AZURE_CONFIG_DIR AZURE_CORE_COLLECT_TELEMETRY AZURE_CORE_ONLY_SHOW_ERRORS PYTHONPATH PYTHONDONTWRITEBYTECODE
	az login --service-principal --username "$client_id" --password "@$client_secret_file" --tenant "$tenant" --output json
}

is() {
	if [ "$2" != "$3" ]; then
		printf 'not ok - %s\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$3"
		exit 1
	fi
	echo "ok - $1"
}

# The code is looked for as a word in what the command said.
refused() {
	what=$1
	code=$2
	shift 2
	if "$@" >"$work/refusal" 2>&1; then
		is "$what" "refused with $code" "it was done"
	fi
	grep -qw "$code" "$work/refusal" || is "$what" "$code" "$(cat "$work/refusal")"
	is "$what" "$code" "$code"
}

# A public key on standard input as one line; what cannot be read is no key, and equals none.
clients_digest() {
	openssl pkey -pubin -inform "$1" -outform DER -out "$work/public.der" 2>"$work/public.log" || { echo "no key ($2)"; return; }
	openssl dgst -sha256 -r "$work/public.der" | cut -d ' ' -f 1
}

clients_hsm_public() {
	pkcs11-tool --module "$playground_module" --token-label hospital --read-object --type pubkey --label "$1" 2>/dev/null |
		clients_digest DER "$1 in the HSM"
}

clients_vault_public() {
	/usr/bin/python3 "$clients/pem.py" | clients_digest PEM "in what the vault showed"
}

clients_keygen() {
	# pkcs11-tool takes the PIN from the environment, where others cannot see it.
	KEYTURN_TEST_PIN=$(cat "$work/etc/pin") pkcs11-tool --module "$playground_module" --token-label hospital --login \
		--pin env:KEYTURN_TEST_PIN --keypairgen --key-type "$1" --label "$2" \
		--id "$(printf %s "$2" | od -An -tx1 | tr -d ' \n')" --sensitive --extractable --usage-sign --usage-decrypt
}

# The KEK is $work/kek.json, a key as the vault's clients show it.
clients_blob() {
	clients_keygen "$1" "$2" >"$work/byok.log" 2>&1 || { cat "$work/byok.log"; return 1; }
	/usr/bin/python3 "$clients/pem.py" <"$work/kek.json" >"$work/kek.pem"
	keyturn byok create --key "pkcs11:token=hospital;object=$2?pin-source=file:$work/etc/pin" --module "$playground_module" \
		--kek "$work/kek.pem" --kek-sha256 "$(clients_vault_public <"$work/kek.json")" --kid "$(jq -r .key.kid "$work/kek.json")" \
		--out "$work/$2.byok" --accept-zero-padded >"$work/byok.log" 2>&1 || { cat "$work/byok.log"; return 1; }
}
