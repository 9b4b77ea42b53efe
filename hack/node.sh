#!/bin/sh
# Prints the folder whose bin/ has the project's Node and npm, fetching both from the npm registry on first use.
set -eu
NODE_VERSION=24.21.0
NPM_VERSION=11.21.2

case $(uname -m) in
  x86_64) arch=x64 ;;
  aarch64) arch=arm64 ;;
  *) echo "Cannot set up Node: no build for $(uname -m). Use an x86_64 or aarch64 machine." >&2; exit 1 ;;
esac
cache=${BULKHEAD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/bulkhead}
home=$cache/node-$NODE_VERSION-npm-$NPM_VERSION
if [ ! -x "$home/bin/npm" ]; then
  if ! command -v npm >/dev/null 2>&1; then
    echo "node: no npm client here, installing Debian's (about a minute)" >&2
    { apt-get update -q && apt-get install -yq --no-install-recommends npm ca-certificates; } >&2
  fi
  echo "node: fetching Node $NODE_VERSION and npm $NPM_VERSION from the npm registry" >&2
  mkdir -p "$cache"
  tmp=$(mktemp -d "$cache/.node.XXXXXX")
  trap 'rm -rf "$tmp"' EXIT
  (cd "$tmp" && npm pack --silent "node-linux-$arch@$NODE_VERSION" "npm@$NPM_VERSION" >/dev/null)
  mkdir -p "$tmp/home/lib/npm"
  tar -xzf "$tmp/node-linux-$arch-$NODE_VERSION.tgz" -C "$tmp/home" --strip-components=1 package/bin package/LICENSE
  tar -xzf "$tmp/npm-$NPM_VERSION.tgz" -C "$tmp/home/lib/npm" --strip-components=1
  chmod 755 "$tmp/home/bin/node"
  printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/npm/bin/npm-cli.js" "$@"\n' "$home" "$home" > "$tmp/home/bin/npm"
  chmod 755 "$tmp/home/bin/npm"
  rm -rf "$home"
  mv "$tmp/home" "$home"
fi
echo "$home"
