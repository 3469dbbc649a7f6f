# kill -9 before system calls all through a rotation: running keyturn rotate again finishes the same rotation, with one version.
#
# A rotation is traced once to learn its points: each system call that changes something outside the process or waits for
# an answer, told apart by what it works on.  Then one rotation for each point, killed as it enters that call, is taken up again.
# Every point starts from the same copy of token, journal and vault.  FULL=1 takes all points, which takes about an hour with
# sanitizers; otherwise a fixed selection of each kind.
set -eu
. "$(dirname "$0")/lib.sh"

calls=write,pwrite64,fsync,fdatasync,sendto,recvfrom,connect,rename,renameat,unlink,unlinkat,poll
policy=radiology-cmk
starts_max=5

# LeakSanitizer cannot work in a traced process; a killed one has no leaks to tell of.
traced() {
	ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" strace -f -qq -o "$play/trace" "$@"
}

# ---- The common start: one rotation behind it, so that there is something to lose

keep_start() {
	port=$(playground_ready port)
	playground_stop "$play"
	mkdir "$play/start"
	cp -a "$play/state" "$play/tokens" "$play/emulator" "$play/start/"
}

back_to_start() {
	playground_stop "$play"
	rm -rf "$play/state" "$play/tokens" "$play/emulator"
	cp -a "$play/start/." "$play/"
	playground_emulator "$play" "$port"
	control POST /operations '{"duration_s":0}' >/dev/null
	log_mark
}

# ---- Points

# What a call works on, from its descriptor or path: "sendto socket", "write journal", "rename head".  What goes to and comes
# from the network between the import's intent and the next record is "import": there nobody but the vault knows what took effect.
kind_of_call='
	{
		sub(/^[0-9]+ +/, "")
		call = $0; sub(/\(.*/, "", call)
		n[call]++
		what = "other"
		if ($0 ~ /journal\.jsonl/) what = "journal"
		else if ($0 ~ /\/locks\/|\.lock>/) what = "lock"
		else if ($0 ~ /\/tokens\//) what = "token"
		else if ($0 ~ /\/blobs/) what = "blob"
		else if ($0 ~ /\/state\/head/) what = "head"
		else if ($0 ~ /socket:|TCP:|AF_INET/) what = "socket"
		else if ($0 ~ /\/state>/) what = "folder"
		else if ($0 ~ /^write\([12]</) what = "message"
		if (call == "write" && what == "journal") importing = ($0 ~ /step\\":\\"import\\",\\"phase\\":\\"intent/)
		if (importing && what == "socket") what = "import"
		print call, what, n[call]
	}'

learn_points() {
	back_to_start
	run traced -y -s 400 -e "trace=$calls" keyturn rotate "$policy"
	expect_status 0 "a traced rotation ends well"
	grep -v -e '---' -e '+++' "$play/trace" | awk "$kind_of_call" | grep -v -e ' lock ' -e ' other ' >"$play/points"
}

# At most $1 points of each kind, evenly spread; twice as many where the import is sent.
choose_points() {
	awk -v most="$1" '
		{ kind = $1 " " $2; if (!(kind in count)) order[++kinds] = kind; points[kind, ++count[kind]] = $3 }
		END {
			for (k = 1; k <= kinds; k++) {
				kind = order[k]; wanted = kind == "sendto import" ? 2 * most : most; take = count[kind] < wanted ? count[kind] : wanted
				for (i = 0; i < take; i++) print kind, points[kind, int((i + 0.5) * count[kind] / take) + 1]
			}
		}' "$play/points"
}

# ---- One point

point_failed() {
	fail "killed before $1 number $3 ($2): $4" "$5" "$6"
}

# How many rotations the journal's whole lines tell the end of, and the beginning of.
ends() {
	jq -Rr 'fromjson? | select(.step == "rotate" and .phase == "done") | .rotation' "$journal" | wc -l
}

begins() {
	jq -Rr 'fromjson? | select(.step == "rotate" and .phase == "intent") | .rotation' "$journal" | wc -l
}

# Take the rotation up until it is over; the number of starts is left in $starts.
take_up() {
	until [ "$(ends)" -eq 2 ]; do
		starts=$((starts + 1))
		[ "$starts" -le "$starts_max" ] ||
			point_failed "$@" "it is finished by running keyturn rotate again" "at most $starts_max starts" "status $ran each time"
		run keyturn rotate "$policy"
	done
}

# Public and private keys by id: as many different ids as keys of either kind, and each id in both.
hsm_pairs() {
	for type in privkey pubkey; do
		hsm_tool --list-objects --type "$type" | sed -n 's/^ *ID: *//p' | sort >"$play/$type"
	done
	echo "$(wc -l <"$play/privkey") private, $(wc -l <"$play/pubkey") public, $(sort -u "$play/privkey" "$play/pubkey" | wc -l) ids"
}

service_confirmed() {
	jq -r --arg id "$1" 'last(.[] | select(.step == "confirm" and .phase == "done" and .detail.service == $id) | .detail.confirmed)' "$play/records"
}

newest() {
	jq -r 'last(.[] | select(.step == "import" and .phase == "done")).detail.kid' "$play/records"
}

# want CALL KIND NUMBER SENTENCE WANTED CAME
want() {
	[ "$5" = "$6" ] || point_failed "$@"
}

check_end() {
	jq -s . "$journal" >"$play/records"
	want "$@" "one rotation was begun, and that one ended" 2 "$(begins)"
	control GET /state >"$play/vault.json"
	want "$@" "the vault has one new version" 2 \
		"$(jq --arg key "$policy" '[.. | objects | select(has("versions") and .name? == $key) | .versions[]] | length' "$play/vault.json")"
	want "$@" "one import was sent" 1 "$(log_count PUT "^/keys/$policy\$")"
	want "$@" "the token has a whole pair for each rotation" "2 private, 2 public, 2 ids" "$(hsm_pairs)"
	for id in "$fhir" "$dicom"; do
		want "$@" "$id is confirmed" true "$(service_confirmed "$id")"
		want "$@" "$id names the new version and can be read" "$(newest) Succeeded true" "$(jq -r --arg id "$id" \
			'.services[$id] | "\(.key_url) \(.provisioning_state) \(.readable)"' "$play/vault.json")"
	done
	run keyturn audit verify
	want "$@" "the journal verifies" 0 "$ran"
	run keyturn status "$policy"
	want "$@" "keyturn status has nothing to complain of" 0 "$ran"
}

# SoftHSM writes an object's file in place, so a kill in the middle may cost it the object or the token, whoever uses it.
# That is its death, not ours: it shows nothing, or fewer private keys than the journal has seen.
token_died() {
	hsm_tool --list-objects --type privkey >"$play/objects" || return 0
	[ "$(grep -c 'ID:' "$play/objects" || true)" -lt \
		"$(jq -Rr 'fromjson? | select(.step == "generate" and .phase == "done") | .rotation' "$journal" | wc -l)" ]
}

# What must hold then: no second import, services on the version before, and the record is whole.
check_dead_token() {
	run keyturn rotate "$policy"
	want "$@" "a rotation without its key is not finished" 1 "$([ "$ran" -eq 0 ] || echo 1)"
	[ "$(log_count PUT "^/keys/$policy\$")" -le 1 ] ||
		point_failed "$@" "no second import was sent" "at most one" "$(log_count PUT "^/keys/$policy\$")"
	want "$@" "no service was touched" 0 "$(log_count PUT /Microsoft.HealthcareApis/)"
	run keyturn audit verify
	want "$@" "the journal verifies" 0 "$ran"
}

# Outcomes: over (nothing was left to do), resumed, anew (nothing had begun), dead-token, missed (the run had fewer such calls
# than the traced one: how often it polls a socket depends on the machine).
try_point() {
	back_to_start
	# Reads lag behind writes, for less than the settling time.
	[ "$2" != import ] || control POST /lag '{"lists_s":1,"reads_s":1}' >/dev/null
	run traced -e "trace=$1" -e "inject=$1:signal=SIGKILL:when=$3" keyturn rotate "$policy"
	[ "$ran" -eq 0 ] || want "$@" "it is killed" 137 "$ran"
	if [ "$ran" -eq 0 ]; then outcome=missed
	elif [ "$(ends)" -eq 2 ]; then outcome=over
	elif [ "$(begins)" -eq 2 ]; then outcome=resumed
	else outcome=anew
	fi
	starts=0
	if token_died; then
		outcome=dead-token
		check_dead_token "$@"
	else
		take_up "$@"
		check_end "$@"
	fi
	echo "$1 $2 $3 $outcome $starts" >>"$play/outcomes"
}

# A point that fails says so and is counted; the others are tried all the same.
try_points() {
	while read -r call kind number <&3; do
		set +e
		(set -e; try_point "$call" "$kind" "$number")
		[ $? -eq 0 ] || echo "$call $kind $number FAILED 0" >>"$play/outcomes"
		set -e
	done 3<"$play/chosen"
}

print_table() {
	awk '
		function row(name, k) {
			printf "%-20s %6d %6d %8d %6d %6d %10d %6d %6d %7d\n", name, there[k], tried[k], seen[k, "resumed"], seen[k, "anew"],
				seen[k, "over"], seen[k, "dead-token"], seen[k, "missed"], seen[k, "FAILED"], most[k]
		}
		{ kind = $1 " " $2; if (!(kind in there)) order[++kinds] = kind }
		FILENAME ~ /points$/ { there[kind]++; there["all"]++; next }
		{
			tried[kind]++; tried["all"]++; seen[kind, $4]++; seen["all", $4]++
			if ($5 > most[kind]) most[kind] = $5
			if ($5 > most["all"]) most["all"] = $5
		}
		END {
			printf "%-20s %6s %6s %8s %6s %6s %10s %6s %6s %7s\n", "killed before", "points", "tried", "resumed", "anew", "over",
				"dead token", "missed", "failed", "starts"
			for (i = 1; i <= kinds; i++) row(order[i], order[i])
			row("all", "all")
		}' "$play/points" "$play/outcomes"
}

# ---- The scenario

scenario_begin
scenario_key "$policy" '.key.bits = 2048 | .vault.kek.bits = 2048'
run keyturn rotate "$policy"
expect_status 0 "the first rotation"
keep_start
learn_points
most=2
[ -z "${FULL:-}" ] || most=1000000
choose_points "$most" >"$play/chosen"
: >"$play/outcomes"
try_points
print_table
expect_equal 0 "$(grep -c FAILED "$play/outcomes" || true)" \
	"every killed rotation was finished by running it again: one version, one import, whole key pairs, services confirmed, a sound journal"
scenario_end
