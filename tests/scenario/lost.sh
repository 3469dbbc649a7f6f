# Answers that are lost, late, wrong or refused: one version in the end, and no service left on anything unproven.
set -eu
. "$(dirname "$0")/lib.sh"

policy=radiology-cmk
import_path="^/keys/$policy\$"
starts_max=4

# Everything that Azure holds now, for the functions below.
look() {
	control GET /state >"$play/state.json"
}

versions() {
	jq --arg key "$policy" '[.. | objects | select(has("versions") and .name? == $key) | .versions[]] | length' "$play/state.json"
}

rotations_ended() {
	jq -s '[.[] | select(.step == "rotate" and .phase == "done")] | length' "$journal"
}

# service ID MEMBER
service() {
	jq -r --arg id "$1" --arg member "$2" '.services[$id][$member]' "$play/state.json"
}

# The version that the last import made, as the journal tells.
newest() {
	jq -rs 'last(.[] | select(.step == "import" and .phase == "done")).detail.kid' "$journal"
}

# fault METHOD HOST PATH WHEN DO
fault() {
	control POST /faults "$(jq -n --arg method "$1" --arg host "$2" --arg path "$3" --arg when "$4" --argjson do "$5" \
		'{match: {method: $method, host: $host, path: $path}, when: $when, do: $do}')" >/dev/null
}

normal() {
	control DELETE /faults >/dev/null
	control DELETE /operations >/dev/null
	control POST /operations '{"duration_s":0}' >/dev/null
	control POST /lag '{"lists_s":0,"reads_s":0}' >/dev/null
}

begin_case() {
	normal
	log_mark
	look
	had=$(versions)
	done_before=$(rotations_ended)
	fhir_before=$(service "$fhir" key_url)
	dicom_before=$(service "$dicom" key_url)
}

# Run keyturn rotate until it has ended well, as an operator would who is told to; $starts tells how often.
rotate_until_done() {
	starts=0
	while :; do
		starts=$((starts + 1))
		run keyturn rotate "$policy"
		[ "$ran" -ne 0 ] || break
		[ "$starts" -lt "$starts_max" ] || fail "$1: it ends well when it is run again" "at most $starts_max starts" "status $ran"
	done
}

# end_case NAME: whatever happened, this is how it ends.
end_case() {
	look
	expect_equal $((had + 1)) "$(versions)" "$1: one new version"
	expect_equal $((done_before + 1)) "$(rotations_ended)" "$1: one rotation, ended"
	for id in "$fhir" "$dicom"; do
		expect_equal "$(newest) Succeeded true" "$(service "$id" key_url) $(service "$id" provisioning_state) $(service "$id" readable)" \
			"$1: $(basename "$id") names it, is at rest and readable"
	done
	run keyturn status "$policy"
	expect_status 0 "$1: status has nothing to complain of"
	run keyturn audit verify
	expect_status 0 "$1: the journal verifies"
}

# ---- The import's answer

# lost_import WHEN DO IMPORTS NAME [LAG]: the first import meets the fault; IMPORTS requests for one version.
lost_import() {
	begin_case
	[ -z "${5:-}" ] || control POST /lag "$5" >/dev/null
	fault PUT '*.vault.azure.net' "/keys/$policy" "$1" "$2"
	run keyturn rotate "$policy"
	[ "$ran" -eq 0 ] || rotate_until_done "$4"
	expect_equal "$3" "$(log_count PUT "$import_path")" "$4: $3 sent in all"
	normal
	end_case "$4"
}

scenario_begin
jq '.settling = "PT3S"' "$KEYTURN_CONFIG" >"$play/agent.json" && cat "$play/agent.json" >"$KEYTURN_CONFIG"
scenario_key "$policy" '.key.bits = 2048 | .vault.kek.bits = 2048'
run keyturn rotate "$policy"
expect_status 0 "the first rotation"

# It took effect and nobody heard of it: the version is found, and nothing is sent again, also where lists and reads lag
# behind.  The settling time is longer than they do.
lost_import after '{"close":true}' 1 "import made, connection closed"
lagging='{"lists_s":2,"reads_s":2}'
lost_import after '{"close":true}' 1 "import made, connection closed, and reads lag" "$lagging"
lost_import after '{"status":500,"body":{}}' 1 "import made, answered by 500, and reads lag" "$lagging"
lost_import after '{"status":503,"headers":{"Retry-After":"1"},"body":{}}' 1 "import made, answered by 503, and reads lag" "$lagging"
lost_import after '{"truncate":20}' 1 "import made, answer cut off, and reads lag" "$lagging"
lost_import after '{"garbage":true}' 1 "import made, answer is rubbish, and reads lag" "$lagging"
lost_import after '{"delay_ms":1}' 1 "import made and answered, reads lag" "$lagging"

# It took none: sent again, after the settling time where only the look can tell.
lost_import before '{"close":true}' 2 "import not made, connection closed"
lost_import before '{"status":429,"headers":{"Retry-After":"1"},"body":{"error":{"code":"Throttled","message":"Slow down."}}}' 2 \
	"import throttled"
lost_import before '{"status":503,"body":{}}' 2 "import not made, answered by 503"
lost_import before '{"garbage":true}' 2 "import not made, answer is rubbish"
lost_import before '{"status":409,"body":{"error":{"code":"Conflict","message":"Another operation is under way."}}}' 2 \
	"import refused by 409"

# ---- A service's answer

# lost_put WHEN DO PUTS NAME: the first change of the FHIR service meets the fault; PUTS requests in all.
lost_put() {
	begin_case
	fault PUT management.azure.com '*/fhirservices/*' "$1" "$2"
	run keyturn rotate "$policy"
	[ "$ran" -eq 0 ] || expect_equal 0 "$(log_count PUT /dicomservices/)" "$4: the service after it is not touched"
	[ "$ran" -eq 0 ] || rotate_until_done "$4"
	expect_equal "$3" "$(log_count PUT /fhirservices/)" "$4: $3 sent in all"
	expect_equal 1 "$(log_count PUT "$import_path")" "$4: one import"
	end_case "$4"
}

lost_put after '{"close":true}' 1 "PUT taken, connection closed"
lost_put after '{"status":500,"body":{}}' 1 "PUT taken, answered by 500"
lost_put after '{"truncate":20}' 1 "PUT taken, answer cut off"
lost_put after '{"garbage":true}' 1 "PUT taken, answer is rubbish"
lost_put before '{"close":true}' 2 "PUT not taken, connection closed"
lost_put before '{"status":503,"headers":{"Retry-After":"1"},"body":{}}' 2 "PUT not taken, answered by 503"
lost_put before '{"status":429,"headers":{"Retry-After":"1"},"body":{}}' 2 "PUT throttled"
lost_put before '{"status":409,"body":{"error":{"code":"Conflict","message":"Another operation is under way."}}}' 2 "PUT refused by 409"
lost_put before '{"garbage":true}' 2 "PUT not taken, answer is rubbish"

# ---- The operation's end

requests() {
	wc -l <"$play/emulator/requests.jsonl"
}

# Wait until a request that matches has come since the mark, as long as process $3 lives.
await_request() {
	until [ "$(log_count "$1" "$2")" -gt 0 ]; do
		kill -0 "$3" 2>/dev/null || fail "keyturn comes to $1 $2" "it does" "it ended before: $(cat "$play/run.err")"
		sleep 0.05
	done
}

# start_rotation ORDER: a rotation in the background, up to the change of the FHIR service, whose operation ends as ordered.
start_rotation() {
	control POST /operations "$1" >/dev/null
	keyturn rotate "$policy" >"$play/run.out" 2>"$play/run.err" </dev/null &
	rotation=$!
	await_request PUT /fhirservices/ "$rotation"
}

finish_rotation() {
	ran=0
	wait "$rotation" || ran=$?
	printf 'keyturn rotate in the background' >"$play/run.command"
	echo "$ran" >"$play/run.status"
}

# bad_end ORDER NAME: the update does not do what was asked, so the previous URL comes back, and the next run tries again.
bad_end() {
	begin_case
	start_rotation "$1"
	control DELETE /operations >/dev/null
	control POST /operations '{"duration_s":0}' >/dev/null
	finish_rotation
	expect_status 1 "$2: the run fails"
	expect_text "main names $fhir_before again" "$2: it says that the service names the previous version again"
	look
	expect_equal "$fhir_before Succeeded true" \
		"$(service "$fhir" key_url) $(service "$fhir" provisioning_state) $(service "$fhir" readable)" \
		"$2: the FHIR service names the previous version, is at rest and readable"
	expect_equal "$dicom_before" "$(service "$dicom" key_url)" "$2: the DICOM service names what it named"
	expect_equal 0 "$(log_count PUT /dicomservices/)" "$2: the DICOM service was not touched"
	run keyturn audit verify
	expect_status 0 "$2: the journal verifies then"
	rotate_until_done "$2"
	expect_equal 1 "$(log_count PUT "$import_path")" "$2: one import"
	end_case "$2"
}

bad_end '{"duration_s":1,"end":"Failed"}' "operation fails"
bad_end '{"duration_s":1,"end":"Failed","keep_old_value":false}' "operation fails and leaves the new value"
bad_end '{"duration_s":1,"end":"Canceled"}' "operation is cancelled"
bad_end '{"duration_s":1,"end":"Succeeded","keep_old_value":true}' "operation succeeds and changes nothing"

# An operation that takes its time, told of in each of Azure's three ways.
for style in azure-async location provisioningState; do
	begin_case
	control POST /operations "{\"duration_s\":2,\"style\":\"$style\"}" >/dev/null
	run keyturn rotate "$policy"
	expect_status 0 "slow operation by $style: the rotation waits for it"
	expect_equal "1 1" "$(log_count PUT /fhirservices/) $(log_count PUT /dicomservices/)" "slow operation by $style: one change of each service"
	end_case "slow operation by $style"
done

# One that never ends is waited for until keyturn is asked to stop; the next run polls the same operation.
begin_case
start_rotation '{"duration_s":1,"end":"never"}'
await_request GET /operationresults/ "$rotation"
kill -TERM "$rotation"
finish_rotation
expect_status 75 "endless operation: asked to stop, keyturn says: later"
normal
run keyturn rotate "$policy"
expect_status 0 "endless operation: the next run goes on"
expect_equal "1 1" "$(log_count PUT /fhirservices/) $(log_count PUT /dicomservices/)" "endless operation: one change of each service"
end_case "endless operation"
scenario_end
