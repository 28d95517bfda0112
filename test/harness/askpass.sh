#!/bin/sh
# Answers what ssh asks for in a test.
printf "%s\n" "$SALLYTEST_PASSWORD"
