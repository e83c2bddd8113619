"""How quick byte-pair encoding in the graph is, beside keras-nlp's RobertaTokenizer.

  python -m official.standard_library_corpus --output=runs/standard_library/corpus
  python -m benchmarks.byte_pair_tokenizer

Takes the text of the standard library, or any other by --input. Has
Hugging Face's tokenizers learn a vocabulary from it, then tokenizes its lines, in
batches and in a graph: with the cache of keras-nlp's tokenizer empty, with all words in
it, and with BytePairSubwordTokenizer, which has no cache, and gives offsets and
characters, too.
"""

import json
import time
from collections.abc import Callable, Sequence

import keras_nlp
import tensorflow as tf
import tokenizers
from absl import flags

from charbert_tf.files.text_files import read_lines
from charbert_tf.text.subword_tokenizers import make_subword_tokenizer
from official import command

_INPUT = flags.DEFINE_string(
    "input", "runs/standard_library/corpus/text.txt", "A text file, a paragraph a line."
)
_LINES = flags.DEFINE_integer("lines", 20_000, "Lines to tokenize.", lower_bound=1)
_BATCH_SIZE = flags.DEFINE_integer("batch_size", 32, "Lines a batch.", lower_bound=1)
_VOCABULARY_SIZE = flags.DEFINE_integer(
    "vocabulary_size", 50_000, "Subwords at most.", lower_bound=300
)


def main() -> None:
    """Runs the benchmark."""
    lines = [line for _, line in read_lines(_INPUT.value) if line]
    tokenizer = _learn(lines)
    lines = lines[: _LINES.value]
    ours = make_subword_tokenizer(tokenizer)
    speeds = {
        "keras-nlp, empty cache": _speed(tokenizer, lines),
        "keras-nlp, full cache": _speed(tokenizer, lines),
        "BytePairSubwordTokenizer": _speed(lambda t: ours(t).token_ids, lines),
    }
    print(f"{tokenizer.vocabulary_size():,} subwords, {len(lines):,} lines")
    for name, speed in speeds.items():
        ratio = speeds["BytePairSubwordTokenizer"] / speed
        print(f"{name:26}{speed:12,.0f} tokens/s{ratio:8.2f}")


def _learn(lines: Sequence[str]) -> keras_nlp.models.RobertaTokenizer:
    learnt = tokenizers.ByteLevelBPETokenizer()
    learnt.train_from_iterator(
        lines,
        _VOCABULARY_SIZE.value,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        show_progress=False,
    )
    model = json.loads(learnt.to_str())["model"]
    return keras_nlp.models.RobertaTokenizer(
        model["vocab"], [" ".join(merge) for merge in model["merges"]]
    )


def _speed(
    tokenize: Callable[[tf.Tensor], tf.RaggedTensor], lines: Sequence[str]
) -> float:
    dataset = tf.data.Dataset.from_tensor_slices(lines).batch(_BATCH_SIZE.value)
    dataset = dataset.map(lambda texts: tf.size(tokenize(texts).values))
    begin = time.perf_counter()
    tokens = sum(int(count) for count in dataset)
    return tokens / (time.perf_counter() - begin)


if __name__ == "__main__":
    command.run(main)
