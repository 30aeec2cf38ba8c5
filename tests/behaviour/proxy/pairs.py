"""All pairs of properties instead of their product: whatever two of them have to do with each other is asked once.

A property is a list of names, or one a case where cases differ; the case and the IP version are properties as well. The
rows are the same in every run.
"""

import functools
import itertools


@functools.cache
def rows(cases, families, properties):
    """Rows `(case, family, name of each property)`.

    `properties` has, for each of them, the names it may have in each case.
    """
    names = [list(dict.fromkeys(itertools.chain.from_iterable(of_case))) for of_case in properties]
    columns = [list(range(len(cases))), list(families), *names]

    def possible(row):
        """Whether some case has all that is chosen so far."""
        there = range(len(cases)) if row[0] is None else [row[0]]
        return any(all(name is None or name in properties[at][case] for at, name in enumerate(row[2:])) for case in there)

    def pairs_of(row):
        known = [(at, value) for at, value in enumerate(row) if value is not None]
        return itertools.combinations(known, 2)

    open_pairs = {}
    for (a, left), (b, right) in itertools.combinations(enumerate(columns), 2):
        for one, other in itertools.product(left, right):
            row = [None] * len(columns)
            row[a], row[b] = one, other
            if possible(row):
                open_pairs[(a, one), (b, other)] = True

    used, found = {}, []
    while open_pairs:
        row = [None] * len(columns)
        for at, value in next(iter(open_pairs)):
            row[at] = value
        while None in row:
            best = None
            for at, value in ((at, value) for at, own in enumerate(row) if own is None for value in columns[at]):
                tried = [*row[:at], value, *row[at + 1:]]
                if not possible(tried):
                    continue
                new = sum(((min(at, b), value if at < b else other), (max(at, b), other if at < b else value)) in open_pairs
                          for b, other in enumerate(row) if other is not None)
                rank = (-new, used.get((at, value), 0), at, columns[at].index(value))
                if best is None or rank < best[0]:
                    best = rank, tried
            row = best[1]
        for pair in pairs_of(row):
            open_pairs.pop(pair, None)
        for cell in enumerate(row):
            used[cell] = used.get(cell, 0) + 1
        found.append((cases[row[0]], *row[1:]))
    return found
