#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The gate of the BPF objects: objects.py OBJECT...

Refuses what Linux 4.19 would refuse, or what only a kernel newer than 4.19
has. It reads the object itself, because clang says nothing of most of it.
The instruction sequence that the loader patches for the ring buffer
(bpf/common/emit.bpf.h) calls helper 25 in the object, so nothing is exempt.
"""
import struct
import sys

EM_BPF = 247
SHT_SYMTAB, SHT_REL, SHT_NOBITS = 2, 9, 8
SHF_ALLOC, SHF_EXECINSTR = 2, 4
STT_OBJECT, STT_FUNC, STT_SECTION = 1, 2, 3
SHN_UNDEF = 0

MAX_INSNS = 4096  # BPF_MAXINSNS; for root too before 5.2
MAX_HELPER = 83  # skb_ancestor_cgroup_id, the last one of 4.19
LIBBPF_HELPERS = {113, 115}  # probe_read_kernel[_str]: libbpf falls back to 4 and 45
MAX_MAP_TYPE = 20  # BPF_MAP_TYPE_REUSEPORT_SOCKARRAY
# Alloc sections that make no data map.
PLAIN_SECTIONS = {"license", "version", ".maps"}

JMP, JMP32, STX = 5, 6, 3
CALL, EXIT, LD_IMM64 = 0x85, 0x95, 0x18
ATOMIC_MODE = 0xC0

BTF_PTR, BTF_ARRAY, BTF_STRUCT, BTF_UNION, BTF_ENUM = 2, 3, 4, 5, 6
BTF_FUNC_PROTO, BTF_VAR, BTF_DATASEC, BTF_DECL_TAG, BTF_ENUM64 = 13, 14, 15, 17, 19
BTF_MODIFIERS = {8, 9, 10, 11}  # typedef, volatile, const, restrict


class Malformed(Exception):
    pass


def cstring(data, offset):
    return data[offset:data.index(b"\0", offset)].decode()


class Section:
    def __init__(self, index, fields, data):
        (self.name_at, self.type, self.flags, _, offset, self.size,
         self.link, self.info, _, _) = fields
        self.index = index
        self.name = ""
        self.data = b"" if self.type == SHT_NOBITS else data[offset:offset + self.size]
        self.relocs = {}  # offset -> symbol


class Symbol:
    def __init__(self, fields, names):
        name, info, _, self.section, self.value, self.size = fields
        self.name = cstring(names, name)
        self.type = info & 15


class Elf:
    def __init__(self, data):
        if data[:6] != b"\x7fELF\x02\x01":
            raise Malformed("not a 64-bit little-endian ELF file")
        header = struct.unpack_from("<16xHHIQQQIHHHHHH", data)
        if header[1] != EM_BPF:
            raise Malformed("not a BPF object")
        shoff, shentsize, shnum, shstrndx = header[5], header[10], header[11], header[12]
        self.sections = [
            Section(i, struct.unpack_from("<IIQQQQIIQQ", data, shoff + i * shentsize), data)
            for i in range(shnum)]
        names = self.sections[shstrndx].data
        for section in self.sections:
            section.name = cstring(names, section.name_at)
        self.symbols = self._symbols()
        self._relocations()

    def _symbols(self):
        for section in self.sections:
            if section.type == SHT_SYMTAB:
                names = self.sections[section.link].data
                return [Symbol(f, names) for f in struct.iter_unpack("<IBBHQQ", section.data)]
        raise Malformed("no symbol table")

    def _relocations(self):
        for section in self.sections:
            if section.type == SHT_REL:
                for offset, info in struct.iter_unpack("<QQ", section.data):
                    self.sections[section.info].relocs[offset] = self.symbols[info >> 32]

    def find(self, name):
        return next((s for s in self.sections if s.name == name), None)


class Insn:
    def __init__(self, raw):
        self.code, regs, self.off, self.imm = struct.unpack("<BBhi", raw)
        self.src = regs >> 4


class Function:
    """One function symbol with its instructions."""

    def __init__(self, elf, symbol):
        self.elf = elf
        self.section = elf.sections[symbol.section]
        self.name = symbol.name
        self.start = symbol.value // 8
        self.insns = [Insn(self.section.data[at:at + 8])
                      for at in range(symbol.value, symbol.value + symbol.size, 8)]

    def foreign_at(self, index):
        """Name of the function that the call at index goes to, if the object lacks it."""
        symbol = self.section.relocs.get((self.start + index) * 8)
        return symbol.name if symbol and symbol.section == SHN_UNDEF else None

    def callee_at(self, index):
        """(section, instruction) that the BPF-to-BPF call at index goes to."""
        at = self.start + index
        symbol = self.section.relocs.get(at * 8)
        imm = self.insns[index].imm
        if symbol:
            return symbol.section, symbol.value // 8 + imm + 1
        return self.section.index, at + imm + 1

    def walk(self):
        """(index, instruction), the second halves of 64-bit loads left out."""
        skip = False
        for index, insn in enumerate(self.insns):
            if not skip:
                yield index, insn
            skip = not skip and insn.code == LD_IMM64


class Btf:
    """Just enough of BTF to read the definitions in .maps."""

    def __init__(self, data):
        magic, _, _, hdr_len, type_off, type_len, str_off, str_len = struct.unpack_from(
            "<HBBIIIII", data)
        if magic != 0xEB9F:
            raise Malformed("bad BTF magic")
        self.strings = data[hdr_len + str_off:hdr_len + str_off + str_len]
        self.types = [None]
        at, end = hdr_len + type_off, hdr_len + type_off + type_len
        while at < end:
            at = self._read_type(data, at)

    def _read_type(self, data, at):
        name, info, size = struct.unpack_from("<III", data, at)
        at += 12
        kind, vlen = (info >> 24) & 31, info & 0xFFFF
        width, count = {
            1: ("<I", 1), BTF_ARRAY: ("<III", 1), BTF_STRUCT: ("<III", vlen),
            BTF_UNION: ("<III", vlen), BTF_ENUM: ("<II", vlen), BTF_FUNC_PROTO: ("<II", vlen),
            BTF_VAR: ("<I", 1), BTF_DATASEC: ("<III", vlen), BTF_DECL_TAG: ("<I", 1),
            BTF_ENUM64: ("<III", vlen)}.get(kind, ("<", 0))
        extra = [struct.unpack_from(width, data, at + i * struct.calcsize(width))
                 for i in range(count)]
        self.types.append((kind, cstring(self.strings, name), size, extra))
        return at + count * struct.calcsize(width)

    def resolve(self, type_id):
        while self.types[type_id] and self.types[type_id][0] in BTF_MODIFIERS:
            type_id = self.types[type_id][2]
        return self.types[type_id]

    def maps(self):
        """(name, definition struct) of every map, inner maps included."""
        for kind, name, _, extra in self.types[1:]:
            if kind == BTF_DATASEC and name == ".maps":
                for var, _, _ in extra:
                    _, var_name, var_type, _ = self.types[var]
                    yield from self._map(var_name, self.resolve(var_type))

    def _map(self, name, definition):
        yield name, definition
        for member_at, member_type, _ in definition[3]:
            if cstring(self.strings, member_at) == "values":
                array = self.resolve(member_type)
                pointer = self.resolve(array[3][0][0]) if array[0] == BTF_ARRAY else None
                inner = self.resolve(pointer[2]) if pointer and pointer[0] == BTF_PTR else None
                if inner and inner[0] == BTF_STRUCT:
                    yield from self._map(name + " (inner)", inner)

    def map_type(self, definition):
        """The number that __uint(type, N) stands for: int (*type)[N]."""
        for member_at, member_type, _ in definition[3]:
            if cstring(self.strings, member_at) == "type":
                pointer = self.resolve(member_type)
                array = self.resolve(pointer[2])
                return array[3][0][2]
        return None


def check_sections(elf):
    for s in elf.sections:
        if not s.flags & SHF_ALLOC or s.flags & SHF_EXECINSTR or not s.size:
            continue
        if s.name in PLAIN_SECTIONS or s.name.startswith((".BTF", ".rel")):
            continue
        yield f"data section {s.name} of {s.size} bytes: 4.19 has no global data"


def check_maps(elf):
    btf = elf.find(".BTF")
    if not btf:
        yield "no .BTF section"
        return
    info = Btf(btf.data)
    for name, definition in info.maps():
        kind = info.map_type(definition)
        if kind is None:
            yield f"map {name}: no type"
        elif kind > MAX_MAP_TYPE:
            yield f"map {name}: map type {kind}, 4.19 has types up to {MAX_MAP_TYPE}"


def check_insn(index, insn):
    kind = insn.code & 7
    if insn.code == CALL:
        if insn.src == 0 and insn.imm > MAX_HELPER and insn.imm not in LIBBPF_HELPERS:
            return f"helper {insn.imm}, 4.19 has helpers up to {MAX_HELPER}"
        if insn.src > 1:
            return "call of a kernel function"
    elif kind == JMP32:
        return "32-bit jump: compile with -mcpu=v2"
    elif kind == JMP and insn.code != EXIT and insn.off < 0:
        return f"backward jump to {index + 1 + insn.off}"
    elif kind == STX and insn.code & 0xE0 == ATOMIC_MODE and insn.imm != 0:
        return "atomic operation other than a plain add"
    return None


def check_functions(functions):
    for function in functions.values():
        for index, insn in function.walk():
            problem = check_insn(index, insn)
            if insn.code == CALL and function.foreign_at(index):
                problem = f"call of the kernel function {function.foreign_at(index)}"
            if problem:
                yield f"{function.name}: instruction {index}: {problem}"


def reach(functions, function, seen):
    """Adds function and all that it calls, directly or not, to seen."""
    seen.add((function.section.index, function.start))
    for index, insn in function.walk():
        if insn.code == CALL and insn.src == 1:
            target = function.callee_at(index)
            if function.foreign_at(index):
                continue  # told by check_functions()
            if target not in functions:
                raise Malformed(f"{function.name}: instruction {index}: call into nowhere")
            if target not in seen:
                reach(functions, functions[target], seen)


def check_sizes(functions):
    for function in functions.values():
        if function.section.name == ".text":
            continue  # sub-programs: counted with their callers
        seen = set()
        reach(functions, function, seen)
        total = sum(len(functions[f].insns) for f in seen)
        if total > MAX_INSNS:
            yield (f"{function.name}: {total} instructions with its sub-programs, "
                   f"{MAX_INSNS} allowed")


def check_cover(elf, functions):
    """Code that no function symbol covers would escape the other checks."""
    for section in elf.sections:
        if section.flags & SHF_EXECINSTR and section.size:
            covered = sum(len(f.insns) for f in functions.values() if f.section is section)
            if covered * 8 != section.size:
                yield f"section {section.name}: code without a function symbol"


def check(path):
    with open(path, "rb") as f:
        elf = Elf(f.read())
    functions = {}
    for symbol in elf.symbols:
        if symbol.type == STT_FUNC and 0 < symbol.section < len(elf.sections):
            functions[symbol.section, symbol.value // 8] = Function(elf, symbol)
    yield from check_sections(elf)
    yield from check_maps(elf)
    yield from check_cover(elf, functions)
    yield from check_functions(functions)
    yield from check_sizes(functions)


def main():
    failed = False
    for path in sys.argv[1:]:
        try:
            problems = list(check(path))
        except (OSError, Malformed, struct.error, ValueError, IndexError) as e:
            problems = [f"cannot be read: {e}"]
        for problem in problems:
            failed = True
            print(f"{path}: {problem}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
