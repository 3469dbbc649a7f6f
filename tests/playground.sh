# Sourced: a playground is a folder with a SoftHSM2 token, a running Azure emulator, and settings and a policy of keyturn's
# for both.  The demo and the scenario tests live in one.
#
#   playground_make FOLDER BUILD     make it and start the emulator
#   playground_env FOLDER BUILD      set PATH, KEYTURN_CONFIG, SOFTHSM2_CONF, KEYTURN_EMULATOR_READY for it
#   playground_policy FOLDER NAME…   write policy NAME (see there)
#   playground_ready MEMBER          a member of the emulator's ready file
#   playground_stop FOLDER           stop the emulator, by its process id
#
# The token's PIN and the client secret lie in files of mode 0600 that are made here.

playground_module=/usr/lib/softhsm/libsofthsm2.so

playground_env() {
	PATH="$2:$2/tests/emulator:$PATH"
	KEYTURN_CONFIG="$1/etc/agent.json"
	SOFTHSM2_CONF="$1/softhsm2.conf"
	KEYTURN_EMULATOR_READY="$1/emulator/ready.json"
	export PATH KEYTURN_CONFIG SOFTHSM2_CONF KEYTURN_EMULATOR_READY
}

playground_ready() {
	jq -r ".$1" "$KEYTURN_EMULATOR_READY"
}

playground_token() {
	mkdir -p "$1/tokens" "$1/etc/policies.d"
	printf 'directories.tokendir = %s/tokens/\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = false\n' \
		"$1" >"$1/softhsm2.conf"
	(umask 077 && openssl rand -hex 8 >"$1/etc/pin" && openssl rand -hex 8 >"$1/etc/so-pin")
	softhsm2-util --init-token --free --label hospital --pin "$(cat "$1/etc/pin")" --so-pin "$(cat "$1/etc/so-pin")" >/dev/null
}

# Wait for a file as long as process $2 lives: no fixed sleep decides.
playground_wait_for() {
	while [ ! -s "$1" ]; do
		kill -0 "$2" 2>/dev/null || { echo "The emulator ended before it was ready; see $3" >&2; return 1; }
		sleep 0.05
	done
}

playground_emulator() {
	mkdir -p "$1/emulator"
	rm -f "$1/emulator/ready.json"
	# A session of its own, so that it outlives the shell that started it; ended by playground_stop.
	setsid azure-emulator --listen "127.0.0.1:${2:-0}" --state "$1/emulator/state" --tls-dir "$1/emulator/tls" \
		--log "$1/emulator/requests.jsonl" --ready "$1/emulator/ready.json" \
		>"$1/emulator/output" 2>&1 </dev/null &
	echo $! >"$1/emulator/pid"
	playground_wait_for "$1/emulator/ready.json" "$(cat "$1/emulator/pid")" "$1/emulator/output"
}

playground_settings() {
	jq -n --slurpfile ready "$1/emulator/ready.json" --arg root "$1" --arg library "$playground_module" '$ready[0] as $r | {
		rehearsal: true,
		state: ($root + "/state"),
		policies: ($root + "/etc/policies.d"),
		settling: "PT2S",
		tokens: [ { uri: "pkcs11:token=hospital", module: $library, pin_file: ($root + "/etc/pin"),
			accept_zero_padded: true, enrolled_keks: ($root + "/etc/enrolled-keks") } ],
		azure: { cloud: "AzureCloud", tenant: $r.tenant,
			credential: { kind: "client-secret", client_id: $r.client_id, client_secret_file: $r.client_secret_file },
			connect_to: ("::127.0.0.1:" + ($r.port | tostring)), ca_file: $r.ca }
	}' >"$1/etc/agent.json"
}

# playground_policy FOLDER NAME [JQ-EXPRESSION]: the policy of the demo, changed by the expression.
playground_policy() {
	vault=$(jq -r .vault "$1/emulator/ready.json" | sed 's|^https://||; s|\..*||')
	jq -n --slurpfile ready "$1/emulator/ready.json" --arg vault "$vault" --arg name "$2" '$ready[0] as $r | {
		name: $name,
		key: { type: "RSA", bits: 3072, token: "pkcs11:token=hospital", after_import: "seal", recovery: "none" },
		vault: { url: ("https://" + $vault + ".vault.azure.net"), key_name: $name,
			kek: { name: "keyturn-kek", bits: 4096, create: true } },
		rotate: { every: "P90D" },
		services: [ { kind: "fhir", id: $r.fhir, enable_cmk: true }, { kind: "dicom", id: $r.dicom, enable_cmk: true } ]
	} | '"${3:-.}" >"$1/etc/policies.d/$2.json"
}

playground_make() {
	mkdir -p "$1/state"
	chmod 700 "$1/state"
	playground_env "$1" "$2"
	playground_token "$1"
	playground_emulator "$1"
	playground_settings "$1"
}

playground_stop() {
	[ -f "$1/emulator/pid" ] || return 0
	pid=$(cat "$1/emulator/pid")
	# Only if it still is the emulator: process ids are used again.
	if grep -q azure-emulator "/proc/$pid/cmdline" 2>/dev/null; then
		kill "$pid"
		while grep -q azure-emulator "/proc/$pid/cmdline" 2>/dev/null; do sleep 0.05; done
	fi
	rm -f "$1/emulator/pid"
}
