"""How many tokens a second the input pipeline makes, and the model trains on.

  make run
  python -m benchmarks.input_pipeline

Takes the text and the vocabularies that `make run` left in runs/demonstration, and the
model that it pretrains. Prints both speeds, measured one after the other in this run,
and their ratio.
"""

import time

import keras
import keras_nlp
import tensorflow as tf
from absl import flags

import charbert_tf
from charbert_tf.tasks.pretraining import pretraining_dataset
from charbert_tf.training.cross_entropy import CrossEntropy
from charbert_tf.training.grouped_adamw import GroupedAdamW
from charbert_tf.training.trainer import Trainer
from charbert_tf.vocabularies.vocabulary_folder import VocabularyFolder
from official import command

_FOLDER = flags.DEFINE_string(
    "folder", "runs/demonstration", "What `make run` left behind."
)
# As in official/configs/demonstration_charbert.flags.
_BATCH_SIZE, _SEQUENCE_LENGTH, _NOISE_RATE = 32, 64, 0.3
_WARM_UP_STEPS, _STEPS, _PIPELINE_BATCHES = 5, 40, 300


def main() -> None:
    """Runs the benchmark."""
    preprocessor = _preprocessor()
    paths = [f"{_FOLDER.value}/corpus/text.txt"]
    dataset = pretraining_dataset(paths, preprocessor, _BATCH_SIZE, 0)
    pipeline = _pipeline_speed(dataset)
    print(f"input pipeline  {pipeline:10,.0f} tokens/s")
    training = _training_speed(preprocessor, dataset)
    print(f"training        {training:10,.0f} tokens/s")
    print(f"ratio           {pipeline / training:10.1f}")


def _preprocessor() -> charbert_tf.PretrainerPreprocessor:
    vocabularies = VocabularyFolder(f"{_FOLDER.value}/vocabulary")
    return charbert_tf.PretrainerPreprocessor(
        vocabularies.tokenizer(),
        vocabularies.characters(),
        vocabularies.words(),
        noise_rate=_NOISE_RATE,
        sequence_length=_SEQUENCE_LENGTH,
    )


def _pipeline_speed(dataset: tf.data.Dataset) -> float:
    batches = iter(dataset)
    next(batches)  # fills the shuffle buffer
    begin, tokens = time.perf_counter(), 0
    for _ in range(_PIPELINE_BATCHES):
        tokens += int(tf.reduce_sum(next(batches)[0]["padding_mask"]))
    return tokens / (time.perf_counter() - begin)


def _training_speed(preprocessor, dataset) -> float:
    keras.utils.set_random_seed(0)
    encoder = keras_nlp.models.BertBackbone(
        vocabulary_size=preprocessor.tokenizer.vocabulary_size(),
        num_layers=2,
        num_heads=4,
        hidden_dim=128,
        intermediate_dim=512,
    )
    backbone = charbert_tf.CharBertBackbone(encoder, len(preprocessor.characters))
    pretrainer = charbert_tf.Pretrainer(
        backbone, len(preprocessor.words), preprocessor=preprocessor
    )
    trainer = Trainer(CrossEntropy(pretrainer), GroupedAdamW(1e-3))
    # Batches are made beforehand, so that this is the model's speed alone.
    batches = list(dataset.take(_WARM_UP_STEPS + _STEPS))
    begin = []

    def replay():
        for step, batch in enumerate(batches):
            if step == _WARM_UP_STEPS:
                begin.append(time.perf_counter())
            yield batch

    replayed = tf.data.Dataset.from_generator(
        replay, output_signature=dataset.element_spec
    )
    trainer.train(replayed, len(batches))
    seconds = time.perf_counter() - begin[0]
    timed = batches[_WARM_UP_STEPS:]
    return sum(int(tf.reduce_sum(b[0]["padding_mask"])) for b in timed) / seconds


if __name__ == "__main__":
    command.run(main)
