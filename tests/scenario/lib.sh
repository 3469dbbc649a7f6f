# Sourced by each scenario, which is called with the build folder:  . "$(dirname "$0")/lib.sh"
#
# A scenario is a list of commands and of what must have come of them.  Each check prints "ok - sentence"; the first that
# does not hold says what was wanted and what came, and ends the scenario.
#
#   scenario_begin                   a playground of its own in $play, emulated operations that take no time, and the clean-up
#   scenario_key [POLICY [JQ]]       a policy (radiology-cmk) with its KEK enrolled, as the playground writes it, changed by JQ
#   run COMMAND…                     run it; what it printed and its status are kept for the checks that follow
#   expect_status N SENTENCE         it ended with N
#   expect_failure SENTENCE          it ended with anything but 0
#   expect_text TEXT SENTENCE        it printed TEXT on either stream; white space and line breaks do not count
#   expect_no_text TEXT SENTENCE     it did not
#   expect_json JQ SENTENCE          its standard output is JSON of which JQ holds
#   expect_columns N SENTENCE        no line of its standard output is wider than N
#   expect_equal WANT GOT SENTENCE   two texts are the same
#   expect_that JQ FILE SENTENCE     JQ holds of the JSON in FILE
#   control METHOD PATH [JSON]       an order to the emulator's control interface; prints the answer
#   vault METHOD PATH [JSON]         a request to the vault as any client would send it; prints the answer
#   arm METHOD ID [JSON]             the same to Resource Manager, with the API version of 2024-03-31 unless ID has a query
#   log_mark                         count requests from here on
#   log_count METHOD PATH-REGEX      how many requests came since the mark
#   hsm_keys LABEL                   how many private keys the token holds whose label begins so
#   journal_that JQ                  JQ holds of the array of all records

scenario=$(basename "$0" .sh)
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=$(cd "${1:?usage: $0 BUILD-FOLDER}" && pwd)
export TZ=UTC LC_ALL=C.UTF-8 TERM=dumb
. "$top/tests/playground.sh"

play=
ended=no
mark=0
passed=0

# However a scenario ends, its emulator does too, and its folder goes; KEYTURN_KEEP=1 leaves the folder for a look at it.
scenario_finish() {
	status=$?
	trap - EXIT
	[ "$ended" = yes ] || { echo "not ok - $scenario ended before its last line, with status $status"; scenario_tell; status=1; }
	if [ -n "$play" ]; then
		playground_stop "$play"
		[ -n "${KEYTURN_KEEP:-}" ] && echo "kept: $play" || rm -rf "$play"
	fi
	exit "$status"
}

scenario_begin() {
	play=$(mktemp -d "${TMPDIR:-/tmp}/keyturn-$scenario.XXXXXX")
	trap scenario_finish EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	playground_make "$play" "$build"
	vault_name=$(playground_ready vault | sed 's|^https://||; s|\..*||')
	vault_url="https://$vault_name.vault.azure.net"
	fhir=$(playground_ready fhir)
	dicom=$(playground_ready dicom)
	journal="$play/state/journal.jsonl"
	control POST /operations '{"duration_s":0}' >/dev/null
}

# The last line of every scenario.
scenario_end() {
	ended=yes
	echo "$scenario: $passed checks passed"
	exit 0
}

scenario_key() {
	playground_policy "$play" "${1:-radiology-cmk}" "${2:-.}"
	fingerprint=$(keyturn kek enroll "${1:-radiology-cmk}" --json 2>/dev/null | jq -r .fingerprint)
	run keyturn kek enroll "${1:-radiology-cmk}" --fingerprint "$fingerprint"
	expect_status 0 "the KEK of ${1:-radiology-cmk} is enrolled"
}

# ---- Running and checking

scenario_tell() {
	[ -n "$play" ] && [ -f "$play/run.command" ] || return 0
	printf '  last command: %s\n  its status: %s\n' "$(cat "$play/run.command")" "$(cat "$play/run.status")"
	sed 's/^/  stdout: /' "$play/run.out" | head -n 120
	sed 's/^/  stderr: /' "$play/run.err" | head -n 120
	sed 's/^/  emulator: /' "$play/emulator/output" | tail -n 20
}

ok() {
	passed=$((passed + 1))
	echo "ok - $1"
}

# fail SENTENCE WANTED CAME
fail() {
	printf 'not ok - %s\n  wanted: %s\n  came: %s\n' "$1" "$2" "$3"
	scenario_tell
	ended=yes
	exit 1
}

run() {
	printf '%s' "$*" >"$play/run.command"
	ran=0
	"$@" >"$play/run.out" 2>"$play/run.err" </dev/null || ran=$?
	echo "$ran" >"$play/run.status"
	# A sanitizer's report is a failure whatever the scenario asks about.
	if grep -qE 'ERROR: (Address|Leak)Sanitizer|runtime error:' "$play/run.err"; then
		fail "$* leaves the sanitizers quiet" "no report" "a report"
	fi
}

expect_status() {
	[ "$ran" -eq "$1" ] || fail "$2" "status $1" "status $ran"
	ok "$2"
}

expect_failure() {
	[ "$ran" -ne 0 ] || fail "$1" "a status that is not 0" "status 0"
	ok "$1"
}

# Text without white space, for lines are broken wherever 80 columns end.
squeezed() {
	cat "$@" | tr -d ' \t\n'
}

expect_text() {
	squeezed "$play/run.out" "$play/run.err" | grep -qF -- "$(printf '%s' "$1" | squeezed)" ||
		fail "$2" "text with '$1'" "text without it"
	ok "$2"
}

expect_no_text() {
	if squeezed "$play/run.out" "$play/run.err" | grep -qF -- "$(printf '%s' "$1" | squeezed)"; then
		fail "$2" "text without '$1'" "text with it"
	fi
	ok "$2"
}

expect_json() {
	expect_that "$1" "$play/run.out" "$2"
}

expect_that() {
	jq -es "length == 1 and (.[0] | $1)" "$2" >/dev/null 2>&1 || fail "$3" "one JSON document with $1" "$(head -c 4000 "$2")"
	ok "$3"
}

expect_columns() {
	widest=$(wc -L <"$play/run.out")
	[ "$widest" -le "$1" ] || fail "$2" "at most $1 columns" "$widest"
	ok "$2"
}

expect_equal() {
	[ "$1" = "$2" ] || fail "$3" "$1" "$2"
	ok "$3"
}

journal_that() {
	jq -es "$1" "$journal" >/dev/null 2>&1
}

# ---- The emulator, as a test's hand and as any client sees it

emulator_curl() {
	curl -sS --cacert "$(playground_ready ca)" --connect-to "::127.0.0.1:$(playground_ready port)" "$@"
}

# request METHOD URL [JSON] [CURL-OPTION…]: prints the answer's body; the status is left in $play/http.
request() {
	method=$1 url=$2 json=${3:-}
	shift 2
	[ $# -eq 0 ] || shift
	emulator_curl -X "$method" -o "$play/answer" -w '%{http_code}' ${json:+-H "Content-Type: application/json" --data-binary} \
		${json:+"$json"} "$@" "$url" >"$play/http"
	cat "$play/answer"
}

# The status of the last request.
http() {
	cat "$play/http"
}

control() {
	request "$1" "https://control.localhost$2" "${3:-}"
	case $(http) in
	2*) ;;
	*) fail "the emulator takes the order $1 $2 ${3:-}" "status 2xx" "$(http) $(cat "$play/answer")" ;;
	esac
}

# token RESOURCE: an access token of keyturn's own client.
token() {
	emulator_curl -d grant_type=client_credentials --data-urlencode "client_id=$(playground_ready client_id)" \
		--data-urlencode "client_secret=$(tr -d '\n' <"$(playground_ready client_secret_file)")" --data-urlencode "scope=$1/.default" \
		"https://login.microsoftonline.com/$(playground_ready tenant)/oauth2/v2.0/token" | jq -er .access_token
}

# with_version PATH VERSION: the path with an api-version, unless it has a query of its own.
with_version() {
	case $1 in
	*\?*) echo "$1" ;;
	*) echo "$1?api-version=$2" ;;
	esac
}

vault() {
	request "$1" "$vault_url$(with_version "$2" 7.4)" "${3:-}" -H "Authorization: Bearer $(token https://vault.azure.net)"
}

arm() {
	request "$1" "https://management.azure.com$(with_version "$2" 2024-03-31)" "${3:-}" \
		-H "Authorization: Bearer $(token https://management.azure.com)"
}

log_mark() {
	mark=$(wc -l <"$play/emulator/requests.jsonl")
}

log_count() {
	tail -n "+$((mark + 1))" "$play/emulator/requests.jsonl" |
		jq -s --arg method "$1" --arg path "$2" '[.[] | select(.method == $method and (.path | test($path)))] | length'
}

# ---- The token, seen by OpenSC

hsm_tool() {
	pkcs11-tool --module "$playground_module" --token-label hospital --login --pin "$(cat "$play/etc/pin")" "$@" 2>"$play/hsm.err"
}

hsm_keys() {
	hsm_tool --list-objects --type privkey | grep -c "^ *label: *$1" || true
}
