#!/bin/sh
# The whole main job, from an empty folder, with the real keyturn against SoftHSM2 and an emulator of Azure.
#
#   tests/demo.sh          install what is missing, build, play the story; leaves the playground running
#   tests/demo.sh --stop   end it
#
# Afterwards: . build/demo/env.sh, and go on typing keyturn … against the running emulator.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
build="$top/build"
demo="$build/demo"
. "$top/tests/packages.sh"
. "$top/tests/playground.sh"

stop() {
	playground_stop "$demo"
	echo "The demo's emulator is stopped; its playground is still in build/demo."
}

case "${1:-}" in
--stop) stop; exit 0 ;;
"") ;;
*) echo "Usage: tests/demo.sh [--stop]" >&2; exit 64 ;;
esac

say() {
	printf '\n%s\n' "$*"
}

# Show a command, then run it, as the newcomer would type it.
run() {
	printf '\n$'
	for word in "$@"; do
		case $word in
		*[!A-Za-z0-9./_=:-]*) printf ' "%s"' "$word" ;;
		*) printf ' %s' "$word" ;;
		esac
	done
	echo
	"$@"
}

say "== Packages and build"
packages_need $packages_build $packages_play
mkdir -p "$build"
cmake -S "$top" -B "$build" -G Ninja -DKEYTURN_TESTS=OFF -DKEYTURN_EMULATOR=ON >"$build/configure.log" 2>&1 || { cat "$build/configure.log" >&2; exit 1; }
cmake --build "$build" --target keyturn azure-emulator | tail -n 1

say "== A playground: one SoftHSM2 token, one emulated Azure"
[ ! -d "$demo" ] || playground_stop "$demo"
rm -rf "$demo"
playground_make "$demo" "$build"
playground_policy "$demo" radiology-cmk
cat >"$demo/env.sh" <<END
# Source this to go on typing keyturn commands against the demo's emulator and token.
export PATH="$build:$build/tests/emulator:\$PATH"
export KEYTURN_CONFIG="$demo/etc/agent.json"
export SOFTHSM2_CONF="$demo/softhsm2.conf"
export KEYTURN_EMULATOR_READY="$demo/emulator/ready.json"
END
echo "Token 'hospital' in build/demo/tokens, the emulator on port $(playground_ready port), settings and policy in build/demo/etc."
echo "The settings say \"accept_zero_padded\": true: SoftHSM2 pads a key with zero bytes before it wraps it. The emulator"
echo "takes that; what Azure does is not known, so a real token that needs it is refused unless its settings say so."
run cat "$demo/etc/policies.d/radiology-cmk.json"

say "== Is everything there that a rotation needs? Not yet: no key exchange key is enrolled."
run keyturn check radiology-cmk || echo "(exit status $?)"

say "== The vault's key exchange key: created, looked at, compared, enrolled. In real life an HSM administrator compares it."
fingerprint=$(keyturn kek enroll radiology-cmk --json 2>/dev/null | jq -r .fingerprint)
run keyturn kek enroll radiology-cmk --fingerprint "$fingerprint"
run keyturn check radiology-cmk

say "== What would happen, and why"
run keyturn plan radiology-cmk

say "== The first key: made in the HSM, wrapped, imported, proven, sealed, taken into use by both services"
run keyturn rotate radiology-cmk --reason "first customer-managed key"

say "== A rotation: a new key, and the one before stays enabled"
run keyturn rotate radiology-cmk --reason "a rotation, to see one"

say "== What is in use, what there is, and what the record says"
run keyturn status radiology-cmk
run keyturn versions radiology-cmk
run keyturn audit verify

say "== Done. The playground is still running:"
echo "    . build/demo/env.sh     then type keyturn commands (keyturn help lists them)"
echo "    tests/demo.sh --stop    ends it"
