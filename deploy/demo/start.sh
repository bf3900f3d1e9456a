#!/bin/sh
# npm run demo, from the top of a checkout. Help needs nothing that must be installed first. The demo takes the
# place of this shell, so that it gets the signals itself.
for argument; do
  case $argument in
  --help | -h) exec node deploy/demo/help.mjs ;;
  esac
done
node deploy/setup/main.mjs --for demo && exec node_modules/node/bin/node deploy/demo/main.ts "$@"
