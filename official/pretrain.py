r"""Pretrains CharBERT (MLM + NLM), or a plain BERT (MLM), on text.

From scratch, with vocabularies made by official.build_vocabulary:

  python -m official.pretrain --input=text.txt --vocabulary=vocabulary \
      --output=my_run --num_layers=4 --hidden_dim=256 --steps=10000

or from a pretrained encoder, a preset or a Hugging Face folder (BERT, RoBERTa, XLM-R):

  python -m official.pretrain --input='text/*.txt.gz' --vocabulary=vocabulary \
      --init=bert_folder --output=my_run --steps=10000 --warm_start_steps=1000

The model is in my_run/preset when it is done. The same command started again goes on
from the last checkpoint. Progress is also in TensorBoard: tensorboard --logdir my_run
"""

import math

from absl import flags

from charbert_tf import pretraining, training, vocabularies
from charbert_tf.files.errors import UserError
from official import command, training_flags

_INPUT = flags.DEFINE_list(
    "input",
    None,
    "Text files or globs, a paragraph a line, .gz too; or a folder of "
    "official.prepare_data.",
    required=True,
)
_OUTPUT = flags.DEFINE_string("output", None, "Folder to write to.", required=True)
_VOCABULARY = flags.DEFINE_string(
    "vocabulary",
    None,
    "Folder of vocabularies, as official.build_vocabulary writes it. Not needed if "
    "--init is a CharBERT that was pretrained here, which keeps its own. With "
    "--nocharacters it makes the noise that of a CharBERT which has them.",
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
_JIT_COMPILE = flags.DEFINE_bool(
    "jit_compile",
    False,
    "Whether XLA compiles the step but for the character encoder, for GPUs. All "
    "batches are then padded to --sequence_length.",
)
_SIZES = (_NUM_LAYERS, _NUM_HEADS, _HIDDEN_DIM, _INTERMEDIATE_DIM)
_SEED = training_flags.define_seed("Of new weights, order, noise and masks.")

# The paper's.
flags.set_default(training_flags.LEARNING_RATE, 3e-5)
# For a first try: the paper has 384 tokens, and does not say how large its batches are.
flags.set_default(training_flags.BATCH_SIZE, 32)
flags.set_default(training_flags.SEQUENCE_LENGTH, 128)
# The character encoder alone bears, and needs, a high one.
_WARM_START_LEARNING_RATE = 2e-3


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
    if _INIT.value is not None:
        command.refuse_flags(_SIZES, "--init has its own")
    text = pretraining.PretrainingText(_INPUT.value)
    settings = command.settings(ignored=training_flags.NOT_SETTINGS)
    settings["input"] = text.description
    run = training.TrainingRun(_OUTPUT.value, settings)
    if run.is_finished:
        run.tidy()
        print(f"{run.preset} is finished already.")
        return
    if not run.has_begun:
        text.check_lines()
    strategy = training_flags.set_up()
    training_flags.start(_SEED.value)
    with training.building_scope(strategy):
        pretrainer, new_variables = _initial_pretrainer()
    batch_size = training_flags.BATCH_SIZE.value
    preprocessor = _training_preprocessor(pretrainer.preprocessor)
    text.check(preprocessor, batch_size, training.input_context(strategy))
    if training.is_chief(strategy):
        run.begin()
    if _WARM_START_STEPS.value and not run.has_checkpoint:
        _warm_start(pretrainer, text, run.stage("warm_start"), strategy)
    training_flags.train(
        training.CrossEntropy(pretrainer),
        text.worker_dataset(preprocessor, batch_size, _SEED.value),
        _STEPS.value,
        run.directory,
        training_flags.LEARNING_RATE.value,
        strategy,
        multiplier=_NEW_WEIGHTS_MULTIPLIER.value,
        new_variables=new_variables,
        jit_compile=_JIT_COMPILE.value,
    )
    if training.is_chief(strategy):
        run.finish(pretrainer)
        print(f"Saved {run.preset}")


def _initial_pretrainer():
    folder = _VOCABULARY.value
    length = training_flags.SEQUENCE_LENGTH.value
    options = {
        "vocabularies": None
        if folder is None
        else vocabularies.VocabularyFolder(folder),
        "has_characters": _CHARACTERS.value,
        "interaction": _INTERACTION.value,
        "sequence_length": length,
        "noise_rate": _NOISE_RATE.value,
        "seed": _SEED.value,
    }
    if _INIT.value is not None:
        initial = pretraining.InitialPretrainer.from_folder(_INIT.value, **options)
        _refuse_what_a_charbert_has(initial)
        return initial.pretrainer, initial.new_variables
    sizes = {
        "num_layers": _NUM_LAYERS.value,
        "num_heads": _NUM_HEADS.value,
        "hidden_dim": _HIDDEN_DIM.value,
        "intermediate_dim": _INTERMEDIATE_DIM.value or 4 * _HIDDEN_DIM.value,
        "max_sequence_length": max(512, length),
    }
    initial = pretraining.InitialPretrainer.from_scratch(
        encoder_options=sizes, **options
    )
    return initial.pretrainer, initial.new_variables


def _training_preprocessor(preprocessor):
    """What is saved with the model need not pad as what it is compiled for does."""
    if not _JIT_COMPILE.value:
        return preprocessor
    return type(preprocessor).from_config(
        preprocessor.get_config()
        | {"tokenizer": preprocessor.tokenizer, "static_shapes": True}
    )


def _refuse_what_a_charbert_has(initial) -> None:
    if not initial.was_charbert:
        return
    command.refuse_flags([_INTERACTION], "--init is a CharBERT, which has its own")
    if _WARM_START_STEPS.value:
        raise UserError(
            "--warm_start_steps: --init is a CharBERT, whose trained character encoder "
            "and NLM head it would overwrite: leave it out"
        )


def _warm_start(pretrainer, text, directory: str, strategy) -> None:
    with training.building_scope(strategy):
        objective = pretraining.CharEncoderWarmStart(pretrainer)
    training_flags.train(
        objective,
        # Whole batches, of which it compares the rows; not those that come after it.
        text.dataset(
            objective.preprocessor,
            training_flags.BATCH_SIZE.value,
            _SEED.value + 1,
        ),
        _WARM_START_STEPS.value,
        directory,
        _WARM_START_LEARNING_RATE,
        strategy,
    )


if __name__ == "__main__":
    command.run(main)
