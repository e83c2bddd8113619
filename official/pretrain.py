r"""Pretrains CharBERT (MLM + NLM), or a plain BERT (MLM), on text.

From scratch, with vocabularies made by official.build_vocabulary:

  python -m official.pretrain --input=text.txt --vocabulary=vocabulary \
      --output=my_run --num_layers=4 --hidden_dim=256 --steps=10000

or from a pretrained encoder, a preset or a Hugging Face folder (docs/checkpoints.md
lists the encoders):

  python -m official.pretrain --input='text/*.txt.gz' --vocabulary=vocabulary \
      --init=bert_folder --output=my_run --steps=10000 --warm_start_steps=1000

The model is in my_run/preset when it is done. The same command started again goes on
from the last checkpoint; with --extend and more --steps a finished one is prolonged.
Progress is also in TensorBoard: tensorboard --logdir my_run
"""

from absl import flags

from charbert_tf import recipes
from charbert_tf.recipes.limits import flag_bounds
from charbert_tf.recipes.pretraining_settings import (
    INTERACTIONS,
    PRETRAINING_RULES,
    PretrainingSettings,
)
from official import command, training_flags

flags.DEFINE_list(
    "input",
    None,
    "Text files or globs, a paragraph a line, .gz too; or a folder of "
    "official.prepare_data.",
    required=True,
)
flags.DEFINE_string("output", None, "Folder to write to.", required=True)
flags.DEFINE_string(
    "vocabulary",
    None,
    "Folder of vocabularies, as official.build_vocabulary writes it. Not needed if "
    "--init is a CharBERT that was pretrained here, which keeps its own. With "
    "--nocharacters it makes the noise that of a CharBERT which has them.",
)
flags.DEFINE_string(
    "init",
    None,
    "Preset or Hugging Face folder to start from; by default from random weights.",
)
flags.DEFINE_bool(
    "characters",
    PretrainingSettings.characters,
    "Whether to add the character channel: CharBERT, or plain BERT.",
)
flags.DEFINE_enum(
    "interaction",
    PretrainingSettings.interaction,
    list(INTERACTIONS),
    "Form of the layer that fuses the channels, unless --init has one.",
)
flags.DEFINE_integer(
    "steps",
    PretrainingSettings.steps,
    "Training steps.",
    **flag_bounds(PretrainingSettings, "steps"),
)
flags.DEFINE_list(
    "dev_input",
    PretrainingSettings.dev_input,
    "Held-out text, as --input takes it: MLM and NLM on some of it are measured twenty "
    "times and at the end.",
)
flags.DEFINE_bool(
    "extend",
    PretrainingSettings.extend,
    "Give a finished run in --output more steps, up to --steps. The model of before is "
    "kept beside the new one.",
)
flags.DEFINE_integer(
    "warm_start_steps",
    PretrainingSettings.warm_start_steps,
    "Steps that teach the character encoder the encoder's embeddings first; for "
    "--init.",
    **flag_bounds(PretrainingSettings, "warm_start_steps"),
)
flags.DEFINE_float(
    "new_weights_multiplier",
    PretrainingSettings.new_weights_multiplier,
    "What the learning rate of the weights that --init does not hold is multiplied by.",
    **flag_bounds(PretrainingSettings, "new_weights_multiplier"),
)
flags.DEFINE_float(
    "noise_rate",
    PretrainingSettings.noise_rate,
    "Share of words with a typo.",
    **flag_bounds(PretrainingSettings, "noise_rate"),
)
flags.DEFINE_integer(
    "num_layers",
    PretrainingSettings.num_layers,
    "Transformer layers, without --init.",
    **flag_bounds(PretrainingSettings, "num_layers"),
)
flags.DEFINE_integer(
    "num_heads",
    PretrainingSettings.num_heads,
    "Attention heads, without --init.",
    **flag_bounds(PretrainingSettings, "num_heads"),
)
flags.DEFINE_integer(
    "hidden_dim",
    PretrainingSettings.hidden_dim,
    "Hidden size, without --init.",
    **flag_bounds(PretrainingSettings, "hidden_dim"),
)
flags.DEFINE_integer(
    "intermediate_dim",
    PretrainingSettings.intermediate_dim,
    "Feed-forward size, without --init; by default four times the hidden one.",
    **flag_bounds(PretrainingSettings, "intermediate_dim"),
)
flags.DEFINE_bool(
    "jit_compile",
    PretrainingSettings.jit_compile,
    "Whether XLA compiles the step but for the character encoder, for GPUs. All "
    "batches are then padded to --sequence_length.",
)
training_flags.define_seed("Of new weights, order, noise and masks.")

flags.set_default(training_flags.LEARNING_RATE, PretrainingSettings.learning_rate)
flags.set_default(training_flags.BATCH_SIZE, PretrainingSettings.batch_size)
flags.set_default(training_flags.SEQUENCE_LENGTH, PretrainingSettings.sequence_length)

command.keep_rules(PRETRAINING_RULES)


def main() -> None:
    """Runs the command."""
    recipes.pretrain(**command.given(), notice=command.notice)


if __name__ == "__main__":
    command.run(main)
