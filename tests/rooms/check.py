#!/usr/bin/env python3
"""Checks that the rooms of the source tree know only whom they may: by includes, and by the symbols of object files.

    check.py SOURCE [--objects BUILD] [--nm NM] [--graph]

rooms.toml has the table. Without --objects only includes are looked at. Exit status 1 names every forbidden arrow.
"""

import argparse
import collections
import os
import re
import subprocess
import sys
import tomllib

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
SOURCES = (".c", ".h", ".S", ".def")
HERE = os.path.dirname(os.path.abspath(__file__))


class Rooms:
    def __init__(self, table, interfaces, upward):
        self.table = table
        self.interfaces = interfaces
        self.upward = upward
        self.reach = {}
        for room in table:
            self.visit(room, [])

    def visit(self, room, path):
        """What a room may use, and what those may use; the table must be a graph without circles."""
        if room in path:
            sys.exit("rooms.toml: a circle: " + " -> ".join(path + [room]))
        if room not in self.reach:
            found = {room}
            for other in self.table[room]:
                if other not in self.table:
                    sys.exit(f"rooms.toml: {room} names {other}, which is no room")
                found |= self.visit(other, path + [room])
            self.reach[room] = found
        return self.reach[room]

    def of(self, path):
        """The room of a file, or None."""
        while path:
            if path in self.table:
                return path
            path = os.path.dirname(path)
        return None

    def may_call(self, room, name, other):
        if other in self.reach[room] or name in self.upward.get(room, []):
            return True
        return any(interface in self.reach[room] and other in rooms for interface, rooms in self.interfaces.items())


def files(source, rooms):
    """{path: room} of what belongs to one, by path from the top folder."""
    tops = sorted({room.split("/")[0] for room in rooms.table})
    found = {}
    for top in tops:
        for folder, _, names in os.walk(os.path.join(source, top)):
            for name in names:
                path = os.path.relpath(os.path.join(folder, name), source)
                if name.endswith(SOURCES):
                    found[path] = rooms.of(path)
    return found


def check_includes(source, rooms, found, report):
    arrows = collections.Counter()
    for path, room in sorted(found.items()):
        if room is None:
            report(f"{path} is in no room: add a row to rooms.toml")
            continue
        with open(os.path.join(source, path), encoding="utf-8") as file:
            for included in INCLUDE.findall(file.read()):
                beside = os.path.normpath(os.path.join(os.path.dirname(path), included))
                if room == "include" and beside in found:
                    continue  # installed headers stand in one folder, whose name nobody knows
                if included not in found:
                    report(f'{path} includes "{included}": no such file below the top folder')
                elif found[included] not in rooms.reach[room]:
                    report(f"{path} includes {included}: {room} may not use {found[included]}")
                elif found[included] != room:
                    arrows[room, found[included]] += 1
    return arrows


def objects(build):
    """{path of the source: path of its object}, of the targets that the product is made of."""
    found = {}
    for folder, _, names in os.walk(build):
        if os.sep + "tests" in folder[len(build):]:
            continue
        for name in names:
            if name.endswith(".o") and ".dir" in folder:
                path = os.path.join(folder, name)
                target, _, rest = path[len(build) + 1:].partition("/CMakeFiles/")
                source = os.path.normpath(os.path.join(target, rest.partition(".dir/")[2]))[:-2]
                # What stands outside of the target's folder has the whole path, or one with "..": "__".
                for top in ("cli/", "compiler/"):
                    if "__/" in source and top in source:
                        source = source[source.rindex(top):]
                found.setdefault(source, path)
    return found


def symbols(nm, path):
    """(defined, undefined) names."""
    out = subprocess.run([nm, path], capture_output=True, text=True, check=True).stdout
    defined, undefined = set(), set()
    for line in out.splitlines():
        kind, name = line.split()[-2:]
        if kind == "U":
            undefined.add(name)
        elif kind.isupper():
            defined.add(name)
    return defined, undefined


def check_symbols(nm, rooms, found, built, report):
    makers, users = {}, {}
    for source, path in built.items():
        if source not in found:
            continue
        defined, users[source] = symbols(nm, path)
        for name in defined:
            makers[name] = source
    for source, names in sorted(users.items()):
        room = found[source]
        for name in sorted(names):
            maker = makers.get(name)
            if maker and not rooms.may_call(room, name, found[maker]):
                report(f"{source} uses {name} of {maker}: {room} may not use {found[maker]}")
    return len(users)


def print_graph(source, found, arrows):
    lines = collections.Counter()
    for path, room in found.items():
        with open(os.path.join(source, path), encoding="utf-8") as file:
            lines[room] += sum(1 for _ in file)
    for room in sorted(lines, key=str):
        used = sorted((other, count) for (user, other), count in arrows.items() if user == room)
        print(f"{lines[room]:6} {room}: " + ", ".join(f"{other} ({count})" for other, count in used))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", help="the top folder of the project")
    parser.add_argument("--objects", metavar="BUILD", help="a build of it, whose object files are looked at too")
    parser.add_argument("--nm", default="nm")
    parser.add_argument("--graph", action="store_true", help="print lines per room, and whom it includes how often")
    args = parser.parse_args()
    with open(os.path.join(HERE, "rooms.toml"), "rb") as file:
        table = tomllib.load(file)
    rooms = Rooms(table["rooms"], table["interfaces"], table["upward"])
    wrong = []
    found = files(args.source, rooms)
    arrows = check_includes(args.source, rooms, found, wrong.append)
    looked_at = 0
    if args.objects and not wrong:
        looked_at = check_symbols(args.nm, rooms, found, objects(args.objects), wrong.append)
        if looked_at < 100:
            wrong.append(f"{args.objects} has only {looked_at} object files of the project: is it a build of it?")
    if args.graph:
        print_graph(args.source, found, arrows)
    for line in wrong:
        print(f"rooms: {line}")
    print(f"rooms: {len(found)} files, {sum(arrows.values())} includes between {len(rooms.table)} rooms, "
          f"{looked_at} object files: {len(wrong)} forbidden")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
