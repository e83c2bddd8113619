"""The definitions of SQuAD's official scripts, written out a second time."""

import collections
import re
import string


def normalized(text):
    text = "".join(ch for ch in text.lower() if ch not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def f1_of(gold, guess, is_version_2):
    gold, guess = normalized(gold).split(), normalized(guess).split()
    same = sum((collections.Counter(gold) & collections.Counter(guess)).values())
    if is_version_2 and (not gold or not guess):
        return float(gold == guess)
    if same == 0:
        return 0.0
    precision, recall = same / len(guess), same / len(gold)
    return 2 * precision * recall / (precision + recall)


def exact_of(gold, guess, is_version_2):
    return float(normalized(gold) == normalized(guess))


def raw(measure, true, predicted, is_version_2):
    scores = []
    for golds, guess in zip(true, predicted, strict=True):
        if is_version_2:
            golds = [gold for gold in golds if normalized(gold)] or [""]
        scores.append(max(measure(gold, guess, is_version_2) for gold in golds))
    return scores


def find_best_threshold(predicted, scores, margins, has_answer):
    current = best = sum(not has for has in has_answer)
    threshold = 0.0
    for i in sorted(range(len(margins)), key=lambda i: margins[i]):
        current += scores[i] if has_answer[i] else (-1 if predicted[i] else 0)
        if current > best:
            best, threshold = current, margins[i]
    return best / len(scores), threshold
