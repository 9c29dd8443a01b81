"""What is wrong with a candidate that is not the derivative. Imported by explain.verdict."""

from explain.verdict import Verdict
from explain.wording import derivative_of


def wrong(candidate, explanation, sizes, tried):
    worst = max(trial.error for trial in tried)
    return Verdict(candidate.shown, False, f"Wrong: {candidate.shown} is not {derivative_of(explanation)}.",
                   points=len(tried), error=worst)


def repaired(candidate, explanation, sizes, complaint):
    return None
