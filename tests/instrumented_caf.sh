#!/usr/bin/env bash
# usage: tests/instrumented_caf.sh FOLDER
# Builds CAF's core with the thread sanitizer: FOLDER/include, FOLDER/lib. Debian's is not instrumented, so the sanitizer
# would see neither its locks nor which thread frees a message, and report races that are none. The sources are those of
# the version that the program is built with.
set -euo pipefail
folder=$(mkdir -p "$1" && cd "$1" && pwd)
[ ! -f "$folder/lib/libcaf_core.a" ] || exit 0
work=$folder/work
mkdir -p "$work/lists/partial"
cd "$work"

# The machine's own package sources, for sources.
sed 's/^Types:.*/Types: deb-src/' /etc/apt/sources.list.d/debian.sources > debian.sources
apt=(apt-get -qq -o Dir::Etc::sourcelist="$work/debian.sources" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/lists")
"${apt[@]}" update >&2
"${apt[@]}" source --tar-only --download-only "actor-framework=$(dpkg-query -W -f='${source:Version}' libcaf-dev)" >&2
tar xzf actor-framework_*.orig.tar.gz

cmake -G Ninja -S actor-framework-*/ -B build -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_FLAGS="-O1 -g1 -fsanitize=thread -w" \
  -DCMAKE_INSTALL_PREFIX="$folder" -DCMAKE_INSTALL_LIBDIR=lib -DCAF_BUILD_STATIC_ONLY=yes -DCAF_NO_UNIT_TESTS=yes \
  -DCAF_NO_EXAMPLES=yes -DCAF_NO_TOOLS=yes -DCAF_NO_IO=yes -DCAF_NO_OPENSSL=yes -DCAF_NO_OPENCL=yes -DCAF_NO_PYTHON=yes \
  -DCMAKE_CXX_COMPILER_LAUNCHER=ccache >&2
cmake --build build >&2
cmake --install build >/dev/null
ln -sf libcaf_core_static.a "$folder/lib/libcaf_core.a"
rm -rf "$work"
