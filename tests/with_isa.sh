#!/bin/sh
# with_isa.sh TOOL ISA COMMAND...: runs the command with that instruction set forced; 77 where the machine lacks it.
tool=$1 isa=$2
shift 2
FOVEA_ISA=$isa "$tool" doctor >/dev/null 2>&1 || { echo "this machine has no $isa"; exit 77; }
FOVEA_ISA=$isa exec "$@"
