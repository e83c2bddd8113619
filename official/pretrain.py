r"""Pretrains CharBERT (MLM + NLM), or a plain BERT (MLM), on text.

From scratch, with vocabularies made by official.build_vocabulary:

  python -m official.pretrain --input=text.txt --vocabulary=vocabulary \
      --output=my_run --num_layers=4 --hidden_dim=256 --steps=10000

or from a pretrained encoder, a preset or a Hugging Face BERT folder:

  python -m official.pretrain --input='text/*.txt.gz' --vocabulary=vocabulary \
      --init=bert_folder --output=my_run --steps=10000 --warm_start_steps=1000

The model is in my_run/preset when it is done. The same command started again goes on
from the last checkpoint. Progress is also in TensorBoard: tensorboard --logdir my_run
"""

import math

from absl import flags

from official import command

_INPUT = flags.DEFINE_list(
    "input", None, "Text files or globs, a paragraph a line; .gz too.", required=True
)
_OUTPUT = flags.DEFINE_string("output", None, "Folder to write to.", required=True)
_VOCABULARY = flags.DEFINE_string(
    "vocabulary",
    None,
    "Folder of vocabularies, as official.build_vocabulary writes it. Not needed if "
    "--init is a CharBERT that was pretrained here, which keeps its own.",
)
_INIT = flags.DEFINE_string(
    "init",
    None,
    "Preset or Hugging Face folder to start from; by default from random weights.",
)
_CHARACTERS = flags.DEFINE_bool(
    "characters", True, "Whether to add the character channel: CharBERT, or plain BERT."
)
_INTERACTION = flags.DEFINE_enum(
    "interaction",
    "paper",
    ["paper", "released"],
    "Form of the layer that fuses the channels, unless --init has one.",
)
_STEPS = flags.DEFINE_integer("steps", 100_000, "Training steps.", lower_bound=1)
_WARM_START_STEPS = flags.DEFINE_integer(
    "warm_start_steps",
    0,
    "Steps that teach the character encoder the encoder's embeddings first; for "
    "--init.",
    lower_bound=0,
)
_BATCH_SIZE = flags.DEFINE_integer(
    "batch_size", 32, "Blocks of a batch.", lower_bound=1
)
_SEQUENCE_LENGTH = flags.DEFINE_integer(
    "sequence_length", 128, "Tokens of a block.", lower_bound=8
)
_LEARNING_RATE = flags.DEFINE_float(
    "learning_rate",
    3e-5,
    "Peak learning rate; 10 % warm-up, then linear decay.",
    lower_bound=0.0,
)
_NEW_WEIGHTS_MULTIPLIER = flags.DEFINE_float(
    "new_weights_multiplier",
    1.0,
    "What the learning rate of the weights that --init does not hold is multiplied by.",
    lower_bound=0.0,
)
_NOISE_RATE = flags.DEFINE_float(
    "noise_rate", 0.15, "Share of words with a typo.", lower_bound=0.0, upper_bound=1.0
)
_NUM_LAYERS = flags.DEFINE_integer(
    "num_layers", 12, "Transformer layers, without --init.", lower_bound=1
)
_NUM_HEADS = flags.DEFINE_integer(
    "num_heads", 12, "Attention heads, without --init.", lower_bound=1
)
_HIDDEN_DIM = flags.DEFINE_integer(
    "hidden_dim", 768, "Hidden size, without --init.", lower_bound=4
)
_INTERMEDIATE_DIM = flags.DEFINE_integer(
    "intermediate_dim",
    None,
    "Feed-forward size, without --init; by default four times the hidden one.",
    lower_bound=1,
)
_PRECISION = flags.DEFINE_enum(
    "precision", "float32", ["float32", "mixed_bfloat16"], "Precision of the matrices."
)
_SEED = flags.DEFINE_integer(
    "seed",
    0,
    "Of weights, noise, masks and order.",
    lower_bound=0,
    upper_bound=1_000_000_000,
)
_CHECKPOINT_SECONDS = flags.DEFINE_float(
    "checkpoint_seconds",
    120.0,
    "Time between two checkpoints: what a kill may cost.",
    lower_bound=0.0,
)


@flags.multi_flags_validator(
    ["hidden_dim", "num_heads"],
    "--hidden_dim must be a multiple of 4 and of --num_heads",
)
def _fits_heads(values) -> bool:
    return values["hidden_dim"] % math.lcm(4, values["num_heads"]) == 0


@flags.multi_flags_validator(
    ["warm_start_steps", "init", "characters"],
    "--warm_start_steps needs an encoder to learn from, --init, and --characters",
)
def _can_warm_start(values) -> bool:
    return not values["warm_start_steps"] or (values["init"] and values["characters"])


@flags.multi_flags_validator(
    ["vocabulary", "init"],
    "--vocabulary must be given, or --init: official.build_vocabulary makes one",
)
def _has_vocabulary(values) -> bool:
    return values["vocabulary"] is not None or values["init"] is not None


def main() -> None:
    """Runs the command."""
    import keras

    from charbert_tf.preprocessing.text_files import check_lines, expand_patterns
    from charbert_tf.training.strategy import default_strategy
    from charbert_tf.training.training_run import TrainingRun

    paths = expand_patterns(_INPUT.value)
    check_lines(paths)
    run = TrainingRun(
        _OUTPUT.value, command.settings(ignored=["output", "checkpoint_seconds"])
    )
    if run.is_finished:
        print(f"{run.preset} is finished already.")
        return
    keras.utils.set_random_seed(_SEED.value)
    keras.config.set_dtype_policy(_PRECISION.value)
    strategy = default_strategy()
    with strategy.scope():
        pretrainer, new_variables = _build_pretrainer()
    run.begin()
    if _WARM_START_STEPS.value:
        _warm_start(pretrainer, paths, strategy, run)
    _train(pretrainer, new_variables, paths, strategy, run)
    run.finish(pretrainer)
    print(f"Saved {run.preset}")


def _build_pretrainer():
    """The model, and those of its weights that no file gives a value."""
    from charbert_tf.checkpoints.model_folder import (
        load_encoder,
        plain_encoder,
        reading_model_folder,
    )
    from charbert_tf.models.charbert_backbone import CharBertBackbone
    from charbert_tf.models.pretrainer import Pretrainer
    from charbert_tf.preprocessing.pretrainer_preprocessor import (
        PretrainerPreprocessor,
    )

    known = []
    if _INIT.value is None:
        encoder, tokenizer = _new_encoder()
    else:
        encoder, tokenizer = load_encoder(_INIT.value, _SEQUENCE_LENGTH.value)
        known = encoder.variables
    has_characters = isinstance(encoder, CharBertBackbone)
    characters = words = None
    if not _CHARACTERS.value:
        encoder = plain_encoder(encoder)
    elif has_characters:
        characters, words = _vocabularies_of_init()
    else:
        characters, words = _vocabularies().characters(), _vocabularies().words()
        encoder = CharBertBackbone(
            encoder, len(characters), interaction=_INTERACTION.value
        )
    preprocessor = PretrainerPreprocessor(
        tokenizer,
        characters,
        words,
        sequence_length=_SEQUENCE_LENGTH.value,
        noise_rate=_NOISE_RATE.value,
        seed=_SEED.value,
    )
    if known and has_characters == _CHARACTERS.value:
        with reading_model_folder(_INIT.value):
            if Pretrainer.is_saved_in(_INIT.value):
                # Pretrained here: its heads go on, too.
                pretrainer = Pretrainer.from_preset(
                    _INIT.value, preprocessor=preprocessor
                )
                return pretrainer, []
    pretrainer = Pretrainer(encoder, words and len(words), preprocessor)
    known_ids = {id(variable) for variable in known}
    return pretrainer, [v for v in pretrainer.variables if id(v) not in known_ids]


def _vocabularies_of_init():
    """Those that its weights were trained with."""
    from charbert_tf.checkpoints.model_folder import reading_model_folder
    from charbert_tf.preprocessing.pretrainer_preprocessor import (
        PretrainerPreprocessor,
    )

    with reading_model_folder(_INIT.value):
        preprocessor = PretrainerPreprocessor.from_preset(_INIT.value)
    return preprocessor.characters, preprocessor.words or _vocabularies().words()


def _new_encoder():
    import keras_nlp

    tokenizer = _vocabularies().tokenizer()
    encoder = keras_nlp.models.BertBackbone(
        vocabulary_size=tokenizer.vocabulary_size(),
        num_layers=_NUM_LAYERS.value,
        num_heads=_NUM_HEADS.value,
        hidden_dim=_HIDDEN_DIM.value,
        intermediate_dim=_INTERMEDIATE_DIM.value or 4 * _HIDDEN_DIM.value,
        max_sequence_length=max(512, _SEQUENCE_LENGTH.value),
    )
    return encoder, tokenizer


def _vocabularies():
    from charbert_tf.errors import UserError
    from charbert_tf.vocabularies.vocabulary_folder import VocabularyFolder

    if _VOCABULARY.value is None:
        raise UserError(
            "--vocabulary must be given too, for --init does not hold all of it: make "
            "one with official.build_vocabulary"
        )
    return VocabularyFolder(_VOCABULARY.value)


def _warm_start(pretrainer, paths, strategy, run) -> None:
    from charbert_tf.preprocessing.pretrainer_preprocessor import (
        PretrainerPreprocessor,
    )
    from charbert_tf.tasks.pretraining import pretraining_dataset
    from charbert_tf.training.char_encoder_warm_start import CharEncoderWarmStart
    from charbert_tf.training.grouped_adamw import GroupedAdamW
    from charbert_tf.training.progress import Progress
    from charbert_tf.training.trainer import Trainer
    from charbert_tf.training.warmup_linear_decay import WarmupLinearDecay

    preprocessor = pretrainer.preprocessor
    # Nothing is masked: every word's characters can be learnt from.
    preprocessor = PretrainerPreprocessor.from_config(
        preprocessor.get_config()
        | {"tokenizer": preprocessor.tokenizer, "mask_rate": 0.0}
    )
    steps = _WARM_START_STEPS.value
    with strategy.scope():
        objective = CharEncoderWarmStart(pretrainer)
        optimizer = GroupedAdamW(WarmupLinearDecay(2e-3, steps, steps // 20))
    trainer = Trainer(
        objective,
        optimizer,
        strategy,
        run.stage("warm_start"),
        checkpoint_seconds=_CHECKPOINT_SECONDS.value,
    )
    trainer.train(
        lambda step: pretraining_dataset(
            paths, preprocessor, _BATCH_SIZE.value, _SEED.value + 1, step
        ),
        steps,
        Progress(run.stage("warm_start")),
    )


def _train(pretrainer, new_variables, paths, strategy, run) -> None:
    from charbert_tf.tasks.pretraining import pretraining_dataset
    from charbert_tf.training.cross_entropy import CrossEntropy
    from charbert_tf.training.grouped_adamw import GroupedAdamW
    from charbert_tf.training.progress import Progress
    from charbert_tf.training.trainer import Trainer
    from charbert_tf.training.warmup_linear_decay import WarmupLinearDecay

    steps = _STEPS.value
    with strategy.scope():
        optimizer = GroupedAdamW(
            WarmupLinearDecay(_LEARNING_RATE.value, steps, steps // 10),
            multiplier=_NEW_WEIGHTS_MULTIPLIER.value,
            new_variables=new_variables,
        )
    trainer = Trainer(
        CrossEntropy(pretrainer),
        optimizer,
        strategy,
        run.directory,
        checkpoint_seconds=_CHECKPOINT_SECONDS.value,
    )
    trainer.train(
        lambda step: pretraining_dataset(
            paths, pretrainer.preprocessor, _BATCH_SIZE.value, _SEED.value, step
        ),
        steps,
        Progress(run.directory),
    )


if __name__ == "__main__":
    command.run(main)
