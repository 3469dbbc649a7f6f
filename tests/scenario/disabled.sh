# An earlier version is disabled: data is unreadable, everything says so, nothing is started, and what the policy lets keyturn mend is mended.
set -eu
. "$(dirname "$0")/lib.sh"

scenario_begin
scenario_key
for turn in first second; do
	run keyturn rotate radiology-cmk --reason "$turn"
	expect_status 0 "the $turn rotation succeeds"
	run keyturn versions radiology-cmk --json
	eval "$turn=\$(jq -r '.versions[0].version' "\"\$play/run.out\"")"
done
kid="$vault_url/keys/radiology-cmk/$first"

enable_first() {
	control PATCH "/keys/radiology-cmk/$first" "{\"enabled\":$1}" >/dev/null
}

# probe HOST PATH: the HTTP status that any reader of data gets.
probe() {
	case $1 in fhir) audience=https://hospital-main.fhir.azurehealthcareapis.com ;; *) audience=https://dicom.healthcareapis.azure.com ;; esac
	case $1 in
	fhir) data="https://hospital-main.fhir.azurehealthcareapis.com/Patient?_count=1" ;;
	*) data="https://hospital-pacs.dicom.azurehealthcareapis.com/v2/studies?limit=1" ;;
	esac
	request GET "$data" "" -H "Authorization: Bearer $(token "$audience")" >/dev/null
	http
}

enabled() {
	vault GET "/keys/radiology-cmk/$1" | jq -r .attributes.enabled
}

# What both commands have to say of it.
expect_alarm() {
	expect_status 1 "$1 exits with 1"
	expect_text "Version $first is disabled" "$1 says which version"
	expect_text "data IS UNREADABLE" "$1 says that data is unreadable"
	expect_text "HTTP 403" "$1 says what FHIR answered"
	expect_text "HTTP 424" "$1 says what DICOM answered"
	expect_text "az keyvault key set-attributes --id $kid --enabled true" "$1 says what to do"
	expect_text "keyturn revalidate radiology-cmk" "$1 says what to do if that came late"
	expect_no_text "Version $second is disabled" "$1 does not accuse the version in use"
	expect_columns 110 "$1 keeps to a width that a person can read"
}

# Healthy first, so that what comes later is of the disabling.
expect_equal "200 200" "$(probe fhir) $(probe dicom | sed 's/204/200/')" "both services answer before"
enable_first false
expect_equal "403 424" "$(probe fhir) $(probe dicom)" "both probes fail once the first version is disabled"

for command in status check; do
	run keyturn $command radiology-cmk
	expect_alarm "$command"
done
run keyturn status radiology-cmk --json
expect_status 1 "status --json exits with 1"
expect_json '(.healthy | not) and all(.services[]; .probe == "key-lost")' "status --json says that both lost the key"
expect_json "any(.findings[]; .level == \"problem\" and .subject == \"$kid\")" "status --json names the version"
run keyturn check radiology-cmk --json
expect_status 1 "check --json exits with 1"
expect_json "(.usable | not) and any(.checks[]; .level == \"problem\" and .subject == \"$kid\")" "check --json names the version"
run keyturn plan radiology-cmk
expect_status 1 "plan says that a problem stands in the way"
run keyturn versions radiology-cmk --json
expect_status 1 "versions exits with 1"
expect_json ".versions[1].version == \"$first\" and (.versions[1].enabled | not) and .versions[0].enabled" "versions shows which is off"

# The version in use disabled too: its reference is not put again, for that would take from the services what they still have.
vault PATCH "/keys/radiology-cmk/$second" '{"attributes":{"enabled":false}}' >/dev/null
log_mark
run keyturn revalidate radiology-cmk --json
expect_failure "revalidate refuses a version that is disabled"
expect_text "Version $second is disabled" "it says which"
expect_text "--id $vault_url/keys/radiology-cmk/$second --enabled true" "it says what to do"
expect_json "any(.findings[]; .level == \"problem\") and .services[0].state == \"refused\" and .services[1].state == \"not reached\"" \
	"the document has what was wrong before, and how far it got"
run keyturn rollback radiology-cmk
expect_failure "rollback does not go to a disabled version either"
expect_equal 0 "$(log_count PUT '/providers/')" "no service was put"
vault PATCH "/keys/radiology-cmk/$second" '{"attributes":{"enabled":true}}' >/dev/null

# No rotation starts, neither by hand nor by the daemon; the refusal is on record.
records=$(wc -l <"$journal")
log_mark
run keyturn rotate radiology-cmk --reason "in spite of it"
expect_status 1 "rotate is refused"
expect_text "No rotation is started" "it says that nothing was started"
expect_text "Version $first is disabled" "it says why"
expect_no_text ".. Make it" "it says so in proper sentences"
expect_equal 0 "$(log_count PUT .)$(log_count PATCH . | tr -d 0)$(log_count POST '^/keys/[^/]*/(create|rotate)' | tr -d 0)" \
	"nothing was written to Azure"
expect_equal 2 "$(hsm_keys '')" "no key was made in the HSM"
journal_that "(.[$records:] | length) == 1 and .[$records].step == \"rotate\" and .[$records].phase == \"failed\"
	and (.[$records].detail.text | contains(\"$first\")) and .[$records].reason == \"in spite of it\"" ||
	fail "the refusal is in the journal" "one failed rotate record" "$(tail -n "+$((records + 1))" "$journal")"
ok "the refusal is in the journal"
run keyturn run --once
expect_equal 0 "$(log_count PUT .)" "the daemon starts nothing either"
expect_equal 2 "$(hsm_keys '')" "nor does it make a key"
run keyturn audit verify
expect_status 0 "the journal verifies"

# Enabled again, all is well again, and a rotation goes through.
enable_first true
expect_equal "200 200" "$(probe fhir) $(probe dicom | sed 's/204/200/')" "both services answer again"
for command in status check versions plan; do
	run keyturn $command radiology-cmk
	expect_status 0 "$command is content again"
done
run keyturn rotate radiology-cmk --reason "third"
expect_status 0 "a rotation goes through again"

# Disabled in the midst of a rotation, while Azure works on the first service: without leave to repair, keyturn leaves the
# version as it is, waits for the service to answer as before, and finishes once a person has enabled it.
log_mark
control POST /operations '{"end":"never"}' >/dev/null
: >"$play/fourth.err"
keyturn rotate radiology-cmk --reason fourth >"$play/fourth.out" 2>"$play/fourth.err" &
fourth=$!

# told TEXT: wait until the rotation says it; no fixed time decides.
told() {
	until grep -qF "$1" "$play/fourth.err"; do
		kill -0 "$fourth" 2>/dev/null || fail "the fourth rotation comes to '$1'" "a running rotation" "$(cat "$play/fourth.err")"
		sleep 0.1
	done
}

told "repoint main waiting"
enable_first false
control DELETE /operations >/dev/null
control POST /operations '{"duration_s":0}' >/dev/null
told "confirm main waiting: main does not answer as before yet: HTTP 403"
told "Version $first is disabled"
ok "the rotation that waits says which version is disabled, and what to do"
ok "a service that lost its key is not taken for confirmed"
expect_equal false "$(enabled "$first")" "without leave keyturn does not enable the version"
expect_equal 0 "$(log_count PUT /dicomservices/)" "the next service is not touched meanwhile"
enable_first true
status=0
wait "$fourth" || status=$?
[ "$status" -eq 0 ] || fail "the rotation is finished once the version is enabled again" "status 0" "$status: $(cat "$play/fourth.err")"
ok "the rotation is finished once the version is enabled again"
expect_equal 1 "$(log_count PUT '^/keys/')" "by one import"

# Where the policy lets keyturn mend it, the next rotation enables the version first, and says so in the journal.
playground_policy "$play" radiology-cmk '.previous_versions = {keep: "enabled", repair: true}'
enable_first false
run keyturn rotate radiology-cmk
expect_status 0 "with \"repair\": true the next rotation goes on"
expect_text "the policy lets keyturn enable it again" "it says that it enables the version again"
expect_equal true "$(enabled "$first")" "the version is enabled again"
journal_that 'any(.[]; .step == "guard" and .phase == "intent" and (.detail.enable | endswith("'"$first"'")))' ||
	fail "the journal announces it" "an intent of guard" "none"
ok "the journal announces it"
run keyturn status radiology-cmk
expect_status 0 "and all is well"
scenario_end
