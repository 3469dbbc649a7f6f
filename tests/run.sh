#!/bin/sh
# Installs what is missing, builds with gcc and clang, and runs every test under AddressSanitizer and UBSan.
# The last line is "N passed, N failed".
#
#   tests/run.sh                    everything; KEYTURN_FULL=1 also what takes long
#   tests/run.sh CTEST-OPTION…      a part, without valgrind; for instance: tests/run.sh -R scenario
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/tests/packages.sh"

packages_need $packages_build $packages_play $packages_test $packages_clients

# The shipped way of building, by both compilers, without a warning.
for compiler in gcc clang; do
	echo "== Build with $compiler, warnings are errors"
	cmake -S "$top" -B "$top/build-$compiler" -G Ninja -DCMAKE_C_COMPILER=$compiler -DKEYTURN_WERROR=ON \
		-DKEYTURN_VALGRIND=ON >/dev/null
	cmake --build "$top/build-$compiler" | tail -n 1
done

echo "== Build with AddressSanitizer and UBSan"
cmake -S "$top" -B "$top/build-asan" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DKEYTURN_WERROR=ON \
	-DKEYTURN_SANITIZE=address,undefined >/dev/null
cmake --build "$top/build-asan" | tail -n 1

status=0
failed=0
total=0

# tests FOLDER CTEST-OPTION…: run them, and add to the sums.
tests() {
	folder=$1
	shift
	ctest --test-dir "$folder" --output-on-failure --timeout 600 -j 2 --output-junit "$folder/tests.xml" "$@" || status=$?
	failed=$((failed + $(grep -c '<failure' "$folder/tests.xml" || true)))
	total=$((total + $(grep -c '<testcase' "$folder/tests.xml" || true)))
}

echo "== Tests under AddressSanitizer and UBSan"
tests "$top/build-asan" "$@"

# Valgrind is slow: those that take minutes under it are left out unless KEYTURN_FULL=1.
if [ $# -eq 0 ]; then
	echo "== Tests under valgrind"
	slow='pkcs11_module|publickey|test_emulator|test_verify|test_policy|test_decide|test_append|test_jwk'
	[ -z "${KEYTURN_FULL:-}" ] || slow='^$'
	tests "$top/build-gcc" -R '^scenario/valgrind$'
	tests "$top/build-gcc" -L unit -E "$slow"
fi

# One line for whoever reads only the last.
echo "$((total - failed)) passed, $failed failed"
[ "$status" -eq 0 ] && [ "$failed" -eq 0 ] && [ "$total" -gt 0 ]
