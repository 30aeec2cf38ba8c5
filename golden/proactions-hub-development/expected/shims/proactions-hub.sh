#!/bin/sh
# Stands before the image's own process. Generated; change the profile instead.
set -eu
umask 0027

exec node dist/main.js
