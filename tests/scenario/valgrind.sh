# The whole story under valgrind: not a byte is read that was not written, none is lost, no descriptor is left open.
set -eu
. "$(dirname "$0")/lib.sh"

# keyturn as every other scenario types it, with valgrind around it.  Libraries that are unloaded at the end leave blocks
# reachable; what is definitely lost is keyturn's.
carefully() {
	run valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \
		--track-fds=no --child-silent-after-fork=yes "$build/keyturn" "$@"
	[ "$ran" -ne 99 ] || fail "keyturn $* is clean under valgrind" "no report" "a report"
}

scenario_begin
# Small keys, since a software HSM makes them under valgrind too.
playground_policy "$play" radiology-cmk '.key.bits = 2048 | .vault.kek.bits = 2048'
carefully kek enroll radiology-cmk --json
expect_status 64 "kek enroll shows the KEK"
fingerprint=$(jq -r .fingerprint "$play/run.out")
carefully kek enroll radiology-cmk --fingerprint "$fingerprint"
expect_status 0 "kek enroll enrolls it"
for turn in first second; do
	carefully rotate radiology-cmk
	expect_status 0 "the $turn rotation succeeds"
done
for command in "check radiology-cmk" "plan radiology-cmk" "status radiology-cmk" "status --recorded" "versions radiology-cmk" "hsm list" \
	"hsm check" "audit show" "audit verify" "rollback radiology-cmk" "revalidate radiology-cmk" "adopt radiology-cmk" "run --once"; do
	# shellcheck disable=SC2086
	carefully $command
	expect_status 0 "keyturn $command is clean and succeeds"
done

# The ways that fail are walked by fewer people, so here too.
carefully rotate nobody
expect_failure "an unknown policy is clean too"
playground_stop "$play"
carefully rotate radiology-cmk
expect_status 69 "an unreachable vault is clean too"
scenario_end
