#!/bin/sh
# Installs what is missing, builds with gcc and clang, and runs every test under AddressSanitizer and UBSan.
# The last line is "N passed, N failed".
#
#   tests/run.sh [CTEST-OPTION…]    for instance: tests/run.sh -R scenario
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/tests/packages.sh"

packages_need $packages_build $packages_play $packages_test $packages_clients

# The shipped way of building, by both compilers, without a warning.
for compiler in gcc clang; do
	echo "== Build with $compiler, warnings are errors"
	cmake -S "$top" -B "$top/build-$compiler" -G Ninja -DCMAKE_C_COMPILER=$compiler -DKEYTURN_WERROR=ON >/dev/null
	cmake --build "$top/build-$compiler" | tail -n 1
done

echo "== Build with AddressSanitizer and UBSan"
cmake -S "$top" -B "$top/build-asan" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DKEYTURN_WERROR=ON \
	-DKEYTURN_SANITIZE=address,undefined >/dev/null
cmake --build "$top/build-asan" | tail -n 1

echo "== Tests"
report="$top/build-asan/tests.xml"
status=0
ctest --test-dir "$top/build-asan" --output-on-failure --timeout 600 --output-junit "$report" "$@" || status=$?

# One line for whoever reads only the last.
failed=$(grep -c '<failure' "$report" || true)
total=$(grep -c '<testcase' "$report" || true)
echo "$((total - failed)) passed, $failed failed"
[ "$status" -eq 0 ] && [ "$total" -gt 0 ]
