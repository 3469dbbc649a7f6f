# What goes wrong for an operator: one clear message each, the right exit status, and nothing half-done that is not on record.
set -eu
. "$(dirname "$0")/lib.sh"

policy=radiology-cmk
officer=14b46e9e-c2b7-41b4-b07b-48a6ebf60603		# Key Vault Crypto Officer

# wrong STATUS TEXT WHAT COMMAND…: it ends with that status, and with one message that has TEXT in it.
wrong() {
	status=$1 text=$2 what=$3
	shift 3
	run "$@"
	expect_status "$status" "$what: status $status"
	expect_text "$text" "$what: the message says so"
	expect_equal 1 "$(grep -c '^keyturn: ' "$play/run.err")" "$what: it is one message"
}

# The settings as they were made, changed by a JQ expression.
settings() {
	jq "$1" "$play/settings.good" >"$KEYTURN_CONFIG"
}

policy_as() {
	jq "$1" "$play/policy.good" >"$play/etc/policies.d/$policy.json"
}

verifies() {
	run keyturn audit verify
	expect_status 0 "$1: the journal verifies"
}

rotates() {
	run keyturn rotate "$policy"
	expect_status 0 "$1: then a rotation goes through"
	verifies "$1"
}

scenario_begin
playground_policy "$play" "$policy" '.key.bits = 2048 | .vault.kek.bits = 2048'
cp "$KEYTURN_CONFIG" "$play/settings.good"
cp "$play/etc/policies.d/$policy.json" "$play/policy.good"

# ---- The command line

wrong 64 "did you mean 'rotate'?" "an unknown command" keyturn rotat "$policy"
wrong 64 "did you mean '--reason'?" "an unknown option" keyturn rotate --resaon audit "$policy"
wrong 64 "'rotate' wants POLICY" "a command without what it needs" keyturn rotate
wrong 64 "Which command?" "no command" keyturn
wrong 64 "did you mean 'radiology-cmk'?" "an unknown policy" keyturn rotate radiology

# ---- Settings and policies

wrong 78 "name the file by --config FILE or KEYTURN_CONFIG" "no settings" keyturn --config "$play/nothing.json" rotate "$policy"
settings '.azure.tenant = 7 | .setling = "PT1S"'
wrong 78 '/azure/tenant: "tenant" is 7;' "bad settings" keyturn rotate "$policy"
expect_text '/setling: unknown member; did you mean "settling"?' "bad settings: the second problem is told as well"
echo '{ "rehearsal": true,, }' >"$KEYTURN_CONFIG"
wrong 78 "agent.json:1:21: this is not JSON" "settings that are not JSON" keyturn rotate "$policy"
settings .

policy_as '.key.bits = 1000 | .rotate.evry = "P1D" | .services[0].kind = "fire"'
for command in "check" "rotate $policy"; do
	# shellcheck disable=SC2086
	run keyturn $command
	expect_status 65 "a bad policy, keyturn $command: status 65"
	expect_text "$policy.json:5:5: /key/bits: \"bits\" is 1000; it must be 2048, 3072 or 4096" "a bad policy, keyturn $command: the first error"
	expect_text '/rotate/evry: unknown member; did you mean "every"?' "a bad policy, keyturn $command: the second"
	expect_text '/services/0/kind: "kind" is "fire"; it must be "fhir" or "dicom"' "a bad policy, keyturn $command: the third"
done
printf '{\n  "name": "radiology-cmk",\n  "key": {,\n}\n' >"$play/etc/policies.d/$policy.json"
wrong 65 "$policy.json:3:11: this is not JSON" "a policy that is not JSON" keyturn rotate "$policy"
policy_as .

# ---- The KEK

wrong 1 "The vault holds no KEK of that name yet" "no KEK" keyturn rotate "$policy"
expect_text "Run: keyturn kek enroll $policy" "no KEK: what to do"
wrong 1 "nothing is enrolled" "another fingerprint than the KEK's" keyturn kek enroll "$policy" --fingerprint "$(printf %064d 0)"
wrong 1 "is not enrolled at the HSM, so nothing is wrapped under it" "a KEK that is not enrolled" keyturn rotate "$policy"
vault POST /keys/wide-kek/create '{"kty":"RSA-HSM","key_size":2048,"key_ops":["encrypt","decrypt"]}' >/dev/null
expect_equal 200 "$(http)" "a key of that name that may do other things than import is made by somebody"
policy_as '.vault.kek.name = "wide-kek"'
wrong 1 'must have key_ops ["import"] alone' "a KEK that may do other things" keyturn rotate "$policy"
wrong 1 'must have key_ops ["import"] alone' "enrolling a KEK that may do other things" keyturn kek enroll "$policy"
policy_as .
scenario_key "$policy" '.key.bits = 2048 | .vault.kek.bits = 2048'
expect_equal 0 "$(log_count PUT "^/keys/$policy\$")" "nothing was imported so far"
expect_equal 0 "$(hsm_keys keyturn)" "no key was made so far"

# ---- Azure

settings ".azure.credential.client_secret_file = \"$play/secret\""
wrong 78 "which holds the client secret: No such file or directory" "no client secret" keyturn rotate "$policy"
(umask 077 && echo not-the-secret >"$play/secret")
wrong 77 "the client secret is wrong" "a wrong client secret" keyturn rotate "$policy"
chmod 644 "$play/secret"
wrong 77 "may be opened by others; run: chmod 0600 $play/secret" "a client secret that others can read" keyturn rotate "$policy"
settings '.azure.credential.client_id = "00000000-0000-4000-8000-000000000000"'
wrong 77 "the tenant knows no such application" "an unknown client" keyturn rotate "$policy"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$play/other.key" -out "$play/other.pem" -subj /CN=other -days 2 2>/dev/null
settings ".azure.ca_file = \"$play/other.pem\""
wrong 69 "The server is not who it should be" "another CA than the server's" keyturn rotate "$policy"
settings .
control POST /roles "{\"action\":\"remove\",\"role\":\"$officer\"}" >/dev/null
wrong 77 "give keyturn's identity the role Key Vault Crypto Officer" "a role that was taken away" keyturn rotate "$policy"
control POST /roles "{\"action\":\"add\",\"role\":\"$officer\"}" >/dev/null

# In the middle of a rotation, when a key lies in the HSM already: what was begun is on record, and ends as one version.
control POST /faults "{\"match\":{\"method\":\"PUT\",\"path\":\"/keys/$policy\"},\"do\":{\"status\":403,\"body\":
	{\"error\":{\"code\":\"Forbidden\",\"message\":\"Not you.\",\"innererror\":{\"code\":\"ForbiddenByRbac\"}}}}}" >/dev/null
wrong 77 "run keyturn rotate $policy again" "a role that is missing for the import" keyturn rotate "$policy"
journal_that 'last.step == "import" and last.phase == "failed"' ||
	fail "the failed import is on record" "the last record says so" "$(tail -n 1 "$journal")"
verifies "a role that is missing for the import"
port=$(playground_ready port)
playground_stop "$play"
wrong 69 "Check that a firewall or proxy lets this machine reach it" "a vault that cannot be reached" keyturn rotate "$policy"
wrong 69 "Check that a firewall or proxy lets this machine reach it" "status of a vault that cannot be reached" keyturn status "$policy"
playground_emulator "$play" "$port"
control POST /operations '{"duration_s":0}' >/dev/null
verifies "a vault that cannot be reached"
rotates "Azure is back"
expect_equal 1 "$(control GET /state | jq --arg key "$policy" '[.. | objects | select(has("versions") and .name? == $key) | .versions[]] | length')" \
	"one version came of all this"
expect_equal 1 "$(hsm_keys keyturn)" "and one key"

# ---- The HSM

settings '.tokens[0].module = "/nonexistent/hsm.so"'
wrong 69 "look at the module's path in the settings" "a module that is missing" keyturn rotate "$policy"
settings '.tokens[0].uri = "pkcs11:token=clinic"'
wrong 78 "list no token 'pkcs11:token=hospital'" "a token that the settings do not list" keyturn rotate "$policy"
policy_as '.key.token = "pkcs11:token=clinic"'
wrong 69 "No token answers to 'pkcs11:token=clinic'" "a token that is missing" keyturn rotate "$policy"
policy_as .
settings .
chmod 644 "$play/etc/pin"
wrong 77 "may be opened by others; run: chmod 0600 $play/etc/pin" "a PIN that others can read" keyturn rotate "$policy"
chmod 600 "$play/etc/pin"
mv "$play/etc/pin" "$play/pin.good"
wrong 78 "which holds the PIN of token 'hospital': No such file or directory" "no PIN" keyturn rotate "$policy"

# A wrong PIN is counted by a module in between that writes down each call; it never sees a right one.
spy=$(find /usr/lib -name pkcs11-spy.so | head -n 1)
(umask 077 && echo 00000000 >"$play/etc/pin")
settings ".tokens[0].module = \"$spy\""
logins() {
	grep -c C_Login "$play/spy" || true
}
# The spy leaks a few bytes of its own.
with_spy() {
	ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" PKCS11SPY=$playground_module PKCS11SPY_OUTPUT=$play/spy "$@"
}
policy_as '.key.bits = 2048'
wrong 77 "The PIN is wrong; it was tried once and is not tried again" "a wrong PIN" with_spy keyturn rotate "$policy"
expect_equal 1 "$(logins)" "a wrong PIN was sent once"
wrong 77 "somebody has given it a wrong PIN since the last good login, so none is sent" "a wrong PIN, run again" \
	with_spy keyturn rotate "$policy"
run with_spy keyturn check "$policy"
expect_status 1 "a wrong PIN: keyturn check finds it"
expect_equal 1 "$(logins)" "a wrong PIN is never sent again"
settings .
mv "$play/pin.good" "$play/etc/pin"
wrong 77 "log in once by hand with the right PIN" "the PIN is right again, but the token has not seen it" keyturn rotate "$policy"
hsm_tool --list-objects >"$play/objects"
rotates "somebody logged in by hand"

# ---- The disk and the journal

# in_state COMMAND…: with a state folder on a file system of its own, filled up but for so many bytes.
if [ "$(id -u)" -eq 0 ] && mkdir "$play/small" && mount -t tmpfs -o size=256k,mode=700 none "$play/small" 2>/dev/null; then
	trap 'umount "$play/small" 2>/dev/null || true; scenario_finish' EXIT
	fill() {
		head -c "$1" /dev/zero >"$play/small/fill" 2>/dev/null || true
	}
	cp -a "$play/state/." "$play/small/"
	settings ".state = \"$play/small\""
	log_mark
	keys=$(hsm_keys keyturn)
	fill 1000000
	wrong 71 "No space left on device; free some space on that file system" "a full disk" keyturn rotate "$policy"
	expect_equal "0 $keys" "$(log_count PUT "^/keys/") $(hsm_keys keyturn)" "a full disk: nothing was made"
	rm "$play/small/fill"
	verifies "a full disk"
	# Less and less room: it ends somewhere in the middle, wherever that is, and goes on when there is room.
	room=$(df --output=avail -B1 "$play/small" | tail -n 1)
	fill $((room - 8192))
	wrong 71 "free some space on that file system" "a disk that fills up" keyturn rotate "$policy"
	rm "$play/small/fill"
	verifies "a disk that fills up"
	rotates "there is room again"
	expect_equal 1 "$(log_count PUT "^/keys/$policy\$")" "a disk that fills up: one import in the end"
	expect_equal $((keys + 1)) "$(hsm_keys keyturn)" "a disk that fills up: one key"
	mount -o remount,ro "$play/small"
	wrong 71 "Read-only file system" "a disk that is read-only" keyturn rotate "$policy"
	run keyturn status "$policy"
	expect_status 0 "a disk that is read-only: status only looks"
	mount -o remount,rw "$play/small"
	cp -a "$play/small/." "$play/state/"
	umount "$play/small"
	settings .
else
	echo "skipped: full and read-only disks (needs root and mount)"
fi

# Another process at the same policy: the one that waits is told who works there.
control POST /operations '{"duration_s":1,"end":"never"}' >/dev/null
control POST /faults '{"match":{"method":"PUT","path":"*/fhirservices/*"},"do":{"delay_ms":6000}}' >/dev/null
log_mark
keyturn rotate "$policy" >"$play/first.out" 2>"$play/first.err" </dev/null &
first=$!
until journal_that 'last | .step == "repoint" and .phase == "intent"'; do
	kill -0 "$first" || fail "the first rotation comes to a service" "it does" "$(cat "$play/first.err")"
	sleep 0.05
done
wrong 75 "process $first" "another process works on the policy" keyturn rotate "$policy"
control DELETE /operations >/dev/null
control POST /operations '{"duration_s":0}' >/dev/null
wait "$first" || fail "the first rotation ends well" "status 0" "$? $(cat "$play/first.err")"
verifies "two at one policy"
expect_equal 1 "$(log_count PUT "^/keys/$policy\$")" "two at one policy: one import"

# damaged SED TEXT WHAT: the journal changed so is found out and placed; nothing is written after it.
damaged() {
	cp "$journal" "$play/journal.good"
	sed -i "$1" "$journal"
	cp "$journal" "$play/journal.bad"
	! cmp -s "$journal" "$play/journal.good" || fail "$3: the journal is damaged" "another file" "the same"
	wrong 65 "$2" "$3" keyturn rotate "$policy"
	cmp -s "$journal" "$play/journal.bad" || fail "$3: nothing is written" "the file as it was" "another one"
	run keyturn audit verify
	expect_status 65 "$3: audit verify finds it too"
	cp "$play/journal.good" "$journal"
}
damaged '5s/"t":"2/"t":"3/' "was changed after it was written" "a changed record"
damaged 6d "it is missing: the line here is record 6, so 1 was removed" "a removed record"
damaged '7{h;d};8G' "record" "records in another order"
damaged '3s/.*/{"hello":1}/' "record 2" "a foreign line"
mv "$journal" "$play/journal.good"
wrong 65 "shows that there was one; put the newest copy of it back" "a journal that is gone" keyturn rotate "$policy"
mv "$play/journal.good" "$journal"
printf '{"v":1,"n":' >>"$journal"
rotates "a torn last line is cut and recorded"
scenario_end
