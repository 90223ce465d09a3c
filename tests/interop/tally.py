"""Counts cases: a line for each group, and one for each failure with what was expected."""


class Tally:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def group(self, title, cases):
        """Runs the (name, expected, actual) triples of one group. A group without any fails."""
        cases = list(cases) or [("the group has cases", "some", "none")]
        wrong = [case for case in cases if case[1] != case[2]]
        self.passed += len(cases) - len(wrong)
        self.failed += len(wrong)
        print(f"{title}: {len(cases) - len(wrong)} of {len(cases)} as expected", flush=True)
        for name, expected, actual in wrong:
            print(f"  FAILED {name}: expected {expected}, got {actual}", flush=True)

    def close(self):
        """Prints the sum and returns the exit status."""
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0
