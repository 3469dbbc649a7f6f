# The walls between the rooms hold: the build refuses an include that the table of rooms does not allow.
set -eu
. "$(dirname "$0")/lib.sh"

play=$(mktemp -d "${TMPDIR:-/tmp}/keyturn-$scenario.XXXXXX")
trap scenario_finish EXIT

# entry ROOM MEMBER: a member of what the build recorded of the first source of the room.
entry() {
	jq -er --arg folder "$top/$1/" --arg member "$2" \
		'[.[] | select(.file | startswith($folder) and (ltrimstr($folder) | contains("/") | not))][0][$member]' "$build/compile_commands.json"
}

# compile ROOM [HEADER]: a copy of that source, with the header included first, by the very command that the build has for it.
compile() {
	source=$(entry "$1" file)
	{
		[ $# -lt 2 ] || printf '#include "%s"\n' "$2"
		cat "$source"
	} >"$play/copy.c"
	entry "$1" command | sed "s| -o [^ ]*||; s| -c $source| -fsyntax-only $play/copy.c|" >"$play/command.sh"
	grep -qF "$play/copy.c" "$play/command.sh" || fail "the build's command of $source is understood" "-c $source" "$(cat "$play/command.sh")"
	run sh -c "cd '$build' && sh '$play/command.sh'"
}

refused() {
	compile "$1" "$2"
	expect_failure "a source of $1 does not compile with $2 in it"
	expect_text "$2: No such file or directory" "because the header is not to be found from there"
}

# What the table allows does compile, else the refusals would prove nothing.
allowed() {
	compile "$1" "$2"
	expect_status 0 "a source of $1 may include $2"
}

for room in agent/azure pkcs11 pkcs11/module agent/journal policies base agent/cli agent/daemon agent/report agent/rotation; do
	compile "$room"
	expect_status 0 "a source of $room compiles as it is"
done

# Every header of the port and of the module, from the room with the network.
for header in "$top"/pkcs11/*.h "$top"/pkcs11/module/*.h; do
	refused agent/azure "${header##*/}"
done
allowed agent/azure fault.h
allowed agent/rotation hsm.h

# The other walls that hold secrets and words apart: the HSM does not know Azure, nothing but main knows the module.
refused pkcs11/module azure.h
refused pkcs11 azure.h
refused agent/journal azure.h
refused policies journal.h
refused base policy.h
refused agent/cli hsm.h
refused agent/cli azure.h
refused agent/daemon hsm.h
refused agent/report azure.h
for header in "$top"/pkcs11/module/*.h; do
	refused agent/rotation "${header##*/}"
done

# An include that climbs over the wall is found by the build's own check: with the tree as it is, then with one such line.
check_includes() {
	run cmake "-DFOLDERS=$1" -P "$top/tests/include_rules.cmake"
}

check_includes "$top/base|$top/agent/azure|$top/pkcs11"
expect_status 0 "the tree keeps the include rules"
mkdir "$play/room"
for line in '#include "../../pkcs11/hsm.h"' '  #  include "pkcs11/hsm.h"' '#include "/usr/include/p11-kit-1/p11-kit/pkcs11.h"' \
	'#include </usr/include/p11-kit-1/p11-kit/pkcs11.h>' '# include<../../pkcs11/hsm.h>' '#include <sys/../../../pkcs11/hsm.h>'; do
	for ending in c h; do
		printf '#include <stdio.h>\n%s\n' "$line" >"$play/room/climber.$ending"
		check_includes "$top/base|$play/room"
		expect_failure "a .$ending file with $line is refused"
		expect_text "climber.$ending" "it says where"
		rm "$play/room/climber.$ending"
	done
done
printf '#include <sys/stat.h>\n#include "fault.h"\n' >"$play/room/good.c"
check_includes "$play/room"
expect_status 0 "system headers in folders are let pass"

# Building one room alone asks for the check first: what ninja would run for it has the check in it.
for room in base policies pkcs11 pkcs11_module journal azure rotation report daemon cli settings; do
	ninja -C "$build" -t inputs "$room" | grep -q 'include_rules$' || fail "the build of $room alone has the check in it" "a rule" "none"
done
ok "the build of each room alone has the check in it"

# The check is part of the build of everything, and walks every room.
run cmake --build "$build" --target include_rules
expect_status 0 "the build has the check as a target"
grep -q '^build all: .*include_rules' "$build/build.ninja" || fail "the build of everything has the check in it" "a rule" "none"
ok "the build of everything has the check in it"
for folder in base policies pkcs11 pkcs11/module agent agent/journal agent/azure agent/rotation agent/report agent/daemon agent/cli agent/settings; do
	grep -q "FOLDERS=.*$top/$folder[|\"]" "$build/build.ninja" ||
		fail "the check walks $folder" "its folder in the rule" "not there"
done
ok "the check walks every room"

scenario_end
