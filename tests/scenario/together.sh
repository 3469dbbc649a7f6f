# Two at once, a policy changed in the middle, a journal that is not the one: one key, in one place, or nothing.
set -eu
. "$(dirname "$0")/lib.sh"

scenario_begin
scenario_key
run keyturn rotate radiology-cmk
expect_status 0 "a first rotation succeeds"

# An operator whose terminal hung types it again: both commands end with the one rotation.
control POST /operations '{"duration_s":3}' >/dev/null
log_mark
keyturn rotate radiology-cmk >"$play/first.out" 2>"$play/first.err" &
first=$!
until grep -q "repoint main started" "$play/first.err"; do
	kill -0 "$first" || fail "the first command comes to repoint" "a running command" "$(cat "$play/first.err")"
	sleep 0.05
done
run keyturn rotate radiology-cmk
expect_status 0 "a second rotate beside a running one succeeds"
status=0
wait "$first" || status=$?
expect_equal 0 "$status" "and so does the first"
expect_equal 1 "$(log_count PUT '^/keys/')" "they made one version between them"
journal_that '[.[] | select(.step == "rotate" and .phase == "intent")] | length == 2' ||
	fail "the journal knows two rotations in all" 2 "$(jq -c 'select(.step == "rotate") | [.phase, .rotation]' "$journal")"
ok "the journal knows two rotations in all"
control DELETE /operations >/dev/null
control POST /operations '{"duration_s":0}' >/dev/null

# The answer to an import is lost, and the policy is changed before the next run: the key must not land in a second place.
control POST /faults '{"match":{"method":"PUT","path":"/keys/radiology-cmk"},"when":"after","times":1,"do":{"close":true}}' >/dev/null
log_mark
run keyturn rotate radiology-cmk
expect_failure "a rotation whose import is unanswered stops"
expect_equal 1 "$(log_count PUT '^/keys/')" "one import was sent"
playground_policy "$play" radiology-cmk '.vault.key_name = "radiology-cmk2"'
run keyturn rotate radiology-cmk
expect_status 1 "with another key name in the policy it does not go on"
expect_text "the policy was changed in the middle of rotation" "and says so"
expect_equal 1 "$(log_count PUT '^/keys/')" "nothing more was imported"
run keyturn status radiology-cmk
expect_status 1 "status does not call a rotation that stopped healthy"

# A service that joins in the middle was not looked at when the rotation began: it is left alone.
playground_policy "$play" radiology-cmk
run keyturn rotate radiology-cmk
expect_status 0 "with the policy as it was the rotation is finished"
expect_equal 1 "$(log_count PUT '^/keys/')" "with the version that had arrived"

# The journal is lost: what stands in the vault's tags does not fit a new one.
mv "$play/state" "$play/lost"
mkdir -m 700 "$play/state"
log_mark
for command in rotate adopt; do
	run keyturn $command radiology-cmk
	expect_status 1 "without its journal $command is refused"
	expect_text "the journal was lost" "$command says that the journal was lost"
done
run keyturn check radiology-cmk
expect_status 1 "check finds that too"
expect_text "head of a journal that is not this one" "and says what shows it"
expect_equal 0 "$(log_count PUT '^/keys/')" "nothing was imported"
rm -rf "$play/state"
mv "$play/lost" "$play/state"
run keyturn rotate radiology-cmk
expect_status 0 "with the journal back all goes on"
run keyturn audit verify
expect_status 0 "and it verifies"

# What fails before anything is made is recorded too.
mv "$play/etc/pin" "$play/etc/pin.away"
run keyturn rotate radiology-cmk
expect_failure "a missing PIN file stops a rotation"
journal_that '.[-1] | .step == "rotate" and .phase == "failed"' || fail "the journal has it" "a failed record" "$(tail -n 1 "$journal")"
ok "the journal has it"
mv "$play/etc/pin.away" "$play/etc/pin"
scenario_end
