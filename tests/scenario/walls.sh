# The rooms' walls hold: what the table in CMakeLists.txt does not allow does not compile.
set -eu
. "$(dirname "$0")/lib.sh"

play=$(mktemp -d "${TMPDIR:-/tmp}/keyturn-walls.XXXXXX")
trap 'status=$?; rm -rf "$play"; exit $status' EXIT

# compile FILE LINE: the command that builds FILE, on a copy of it that begins with LINE.
compile() {
	printf '%s\n' "$2" | cat - "$top/$1" >"$play/copy.c"
	command=$(jq -r --arg file "$top/$1" '.[] | select(.file == $file) | .command' "$build/compile_commands.json" |
		sed "s| -o [^ ]*||; s| -c [^ ]*||")
	run sh -c "cd '$build' && $command -fsyntax-only -iquote '$top/$(dirname "$1")' '$play/copy.c'"
}

compile agent/azure/arm.c '#include "fault.h"'
expect_status 0 "an include that the table allows compiles"
while read -r file header; do
	compile "$file" "#include \"$header\""
	expect_failure "$header cannot be included from $(dirname "$file")"
	expect_text "$header: No such file or directory" "the compiler says that it does not see $header"
done <<END
agent/azure/arm.c hsm.h
agent/azure/arm.c journal.h
agent/azure/arm.c policy.h
agent/journal/journal.c azure.h
policies/policy.c service.h
pkcs11/byok.c vault.h
base/fault.c policy.h
agent/cli/cli.c hsm.h
agent/cli/cli.c azure.h
agent/report/show.c settings.h
END

# By a path a wall could be climbed: the build looks for that in every room.
mkdir "$play/room"
echo '#include "../pkcs11/hsm.h"' >"$play/room/climber.c"
run cmake -DFOLDERS="$play/room" -P "$top/tests/include_rules.cmake"
expect_failure "an include by a path fails the build"
expect_text "climber.c: a quoted include must not contain a slash" "and it is said which file does it"
echo '#include "hsm.h"' >"$play/room/climber.c"
run cmake -DFOLDERS="$play/room" -P "$top/tests/include_rules.cmake"
expect_status 0 "an include by a bare name does not"

# The emulator shares no code with keyturn.
run sh -c "grep -hoE '^#include \"[^\"]+\"' '$top'/tests/emulator/*.c '$top'/tests/emulator/*.h | sort -u | cut -d'\"' -f2 |
	while read -r header; do [ -f '$top/tests/emulator/'\"\$header\" ] || echo \"\$header\"; done | grep ."
expect_failure "the emulator includes headers of its own only"
echo "walls: $passed checks passed"
