"""What a power cut may leave, by the rules that file systems keep: what was synced is there, and of the rest any part may be.

Two kinds of loss. *Data*: names are as they were at that moment, and of each file that nobody synced there is no byte, or NUL bytes, or
some pages (XFS, ext4 with delayed allocation). *Names*: the entries of some directories are as they were when they were last synced
(btrfs writes one directory's entries at a time).
"""

import trees

PAGE = 4096
TORN = {
    "nothing": lambda data: b"",
    "NUL": lambda data: bytes(len(data)),
    "pages": lambda data: data[: len(data) // 2 // PAGE * PAGE],
    "pages and NUL": lambda data: data[: (len(data) - 1) // PAGE * PAGE].ljust(len(data), b"\0"),
}


def losses(lab, calls, states, full):
    """Call, state and the secrets that must outlive it, for every moment of a run and the one after its end."""
    start = states[0]
    old = {file.inode for file in start.values()}
    # Of inodes that were synced, and of directories by path what was in them then.
    synced, durable = set(), {name: listing(start, name) for name, file in start.items() if file.bytes is None}
    end = type(calls[-1])(len(calls), "end", lab.bundle)
    before, inodes = None, {}
    for call, state in zip([*calls, end], states):
        inodes |= {file.inode: file for file in state.values()}
        required = lab.values(lab.final) if call is end else lab.values(lab.start)
        if outside(state) != before or call is end:
            before = outside(state)
            yield from torn(call, state, old | synced, required)
            yield from forgotten(start, inodes, call, state, durable, old | synced, required, full)
        if call.name in ("fsync", "fdatasync"):
            synced.add(call.inode)
            name = call.path[len(lab.bundle):].lstrip("/")
            if name in state and state[name].bytes is None:
                durable[name] = listing(state, name)


def in_stage(name):
    return any(part.startswith(trees.STAGE) for part in name.split("/"))


def outside(state):
    return {name: (file.inode, file.form()) for name, file in state.items() if not in_stage(name)}


def torn(call, state, synced, required):
    unsynced = [name for name, file in state.items() if file.bytes and file.inode not in synced and not in_stage(name)]
    if not unsynced:
        return
    for how in TORN.values():
        left = dict(state)
        for name in unsynced:
            left[name] = trees.File(state[name].mode, state[name].owner, how(state[name].bytes))
        yield call, left, required


def listing(tree, name):
    """What lies in a directory: names with inodes."""
    prefix = f"{name}/" if name else ""
    return {at[len(prefix):]: file.inode for at, file in tree.items()
            if at and at.startswith(prefix) and "/" not in at[len(prefix):]}


def forgotten(start, inodes, call, state, durable, synced, required, full):
    """Directories fall back to what they were when they were last synced: each alone, all but each, all."""
    directories = [name for name, file in state.items() if file.bytes is None and not in_stage(name)]
    changed = [name for name in directories if durable.get(name, {}) != listing(state, name)]
    kept = {name: listing(state, name) for name in directories}
    fallen = {name: durable.get(name, {}) for name in directories}
    choices = [{name} for name in changed] + [set(changed) - {name} for name in changed] + [set(changed)]
    for choice in {frozenset(choice) for choice in choices if choice}:
        left = {"": state[""]}
        grow(left, "", {**kept, **{name: fallen[name] for name in choice}}, inodes, start)
        for how in ("whole", "nothing") if full else ("nothing",):
            yield call, {name: file if how == "whole" or not file.bytes or file.inode in synced
                         else trees.File(file.mode, file.owner, b"") for name, file in left.items()}, required


def grow(left, name, listings, inodes, start):
    for entry, inode in listings.get(name, {}).items():
        at = f"{name}/{entry}" if name else entry
        file = inodes.get(inode)
        if file is None or in_stage(at):
            continue
        left[at] = file
        if file.bytes is None:
            if at not in listings:
                listings[at] = listing(start, at)
            grow(left, at, listings, inodes, start)
