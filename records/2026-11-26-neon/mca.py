#!/usr/bin/env python3
"""Prints what llvm-mca makes of the inner loops of kernel's products for arm64.

    GOARCH=arm64 go test -c -o kernel.test ./kernel
    python3 mca.py kernel.test [version of LLVM, such as -22]

The loops come from the disassembled program, not from the generator, so that they are what runs. A
loop is what lies between a backward branch and its target.
"""
import re
import subprocess
import sys

MODELS = ["apple-m1", "neoverse-n1", "neoverse-n2", "neoverse-v1", "neoverse-v2"]
ROUNDS = 400


def output(*command, text=None):
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def loops(program, function, version):
    """The innermost loops of a function: lists of instructions in the order of the program."""
    listing = output("llvm-objdump" + version, "-d", "--no-show-raw-insn", "--mattr=+dotprod",
                     "--disassemble-symbols=" + function + ".abi0", program)
    code = [(int(m[1], 16), re.sub(r"\s+", " ", m[2].strip())) for m in re.finditer(r"(?m)^\s*([0-9a-f]+):\s+(.+)$", listing)]
    found = []
    for at, (address, text) in enumerate(code):
        target = re.search(r"(?:b\.\w+|cbn?z \w+,) 0x([0-9a-f]+)", text)
        if target and int(target[1], 16) < address:
            first = next(i for i, (a, _) in enumerate(code) if a == int(target[1], 16))
            body = [t for _, t in code[first:at + 1]]
            if not any(re.match(r"b\.|cbn?z", t) for t in body[:-1]):
                found.append(body)
    return found


def cycles(body, model, version):
    """Cycles of a round, from the difference of two lengths."""
    text = "loop:\n" + "\n".join(body[:-1]) + "\n" + re.sub(r"0x[0-9a-f]+.*", "loop", body[-1]) + "\n"
    total = [int(re.search(r"Total Cycles:\s+(\d+)", output(
        "llvm-mca" + version, "-mtriple=aarch64", "-mcpu=" + model, "-mattr=+dotprod", f"-iterations={n}", text=text))[1])
        for n in (ROUNDS, 2 * ROUNDS)]
    return (total[1] - total[0]) / ROUNDS


def count(body, pattern):
    return sum(bool(re.match(pattern, t)) for t in body)


def main():
    program, version = sys.argv[1], (sys.argv[2:] or [""])[0]

    def pick(function, sums, load):
        return next(b for b in loops(program, function, version)
                    if count(b, "fmla|sdot") == sums and any(re.match(load, t) for t in b))

    product, lanes = "shoal/kernel.productNEONx4", "shoal/kernel.lanesNEON"
    rows = [
        ("product, k side by side in A", pick(product, 96, r"ldr\s*q")),
        ("product, rows side by side in A", pick(product, 24, r"ldr\s*d")),
        ("product, any A", pick(product, 24, r"ldr\s*s")),
        ("lanes, 5x5", pick(lanes, 25, r"ldr\s*q")),
    ]
    # Apple's model gives the two forms of FMLA different units and latencies: both readings.
    rows.insert(1, ("the same, each FMLA taken for one by vector", by_vector(rows[0][1])))
    peak = pick("shoal/kernel.peakNEON", 24, "fmla")
    limit = {form: {m: 24 / cycles(body, m, version) for m in MODELS}
             for form, body in (("vector", peak), ("element", [re.sub(r"v0\.4s$", "v0.s[0]", t) for t in peak]))}
    print("LLVM " + output("llvm-mca" + version, "--version").split("version ")[1].split()[0])
    print("| FMLA a cycle | loads a FMLA | " + " | ".join(MODELS) + " |\n|" + " --- |" * (2 + len(MODELS)))
    for form, rate in limit.items():
        print(f"| limit of the model, by {form} | 0 | " + " | ".join(f"{rate[m]:.2f}" for m in MODELS) + " |")
    for name, body in rows:
        sums, loads = count(body, "fmla"), count(body, "ldr|ldp")
        form = "element" if any(".s[" in t for t in body) else "vector"
        rate = {m: sums / cycles(body, m, version) for m in MODELS}
        print(f"| {name} | {loads / sums:.2f} | " + " | ".join(f"{rate[m]:.2f} ({100 * rate[m] / limit[form][m]:.0f} %)" for m in MODELS) + " |")


def by_vector(body):
    return [re.sub(r"\.s\[\d\]$", ".4s", t) for t in body]


if __name__ == "__main__":
    main()
