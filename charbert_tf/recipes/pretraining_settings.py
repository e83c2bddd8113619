"""PretrainingSettings: what a pretraining is asked for, and what must hold of it."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Annotated

from charbert_tf.recipes.limits import Limits
from charbert_tf.recipes.settings import HIGHEST_SEED, Rule
from charbert_tf.recipes.training_setup import TrainingSetup

INTERACTIONS = ("paper", "released")
"""Forms of the layer that fuses the channels."""

PRETRAINING_RULES = (
    Rule(
        ["hidden_dim", "num_heads"],
        lambda v: v["hidden_dim"] % math.lcm(4, v["num_heads"]) == 0,
        "--hidden_dim must be a multiple of 4 and of --num_heads",
    ),
    Rule(
        ["warm_start_steps", "init", "characters"],
        lambda v: not v["warm_start_steps"] or (v["init"] and v["characters"]),
        "--warm_start_steps needs an encoder to learn from, --init, and --characters",
    ),
    Rule(
        ["vocabulary", "init"],
        lambda v: v["vocabulary"] is not None or v["init"] is not None,
        "--vocabulary must be given, or --init: official.build_vocabulary makes one",
    ),
)
"""What must hold between the settings."""

SIZES = ("num_layers", "num_heads", "hidden_dim", "intermediate_dim")
"""Of the encoder, where `init` does not have them."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class PretrainingSettings(TrainingSetup):
    """The settings of `pretrain`; official.pretrain has a flag for each.

    Args:
        input: text files or globs, a paragraph a line; or one folder of
            official.prepare_data.
        output: the folder to write to.
        vocabulary: the folder of vocabularies, as official.build_vocabulary writes it.
            Not needed if `init` is a CharBERT that was pretrained here.
        init: a preset or Hugging Face folder to start from; by default random weights.
        characters: whether to add the character channel: CharBERT, or plain BERT.
        interaction: one of `INTERACTIONS`, unless `init` has one.
        steps: training steps.
        dev_input: held-out text as `input` takes it. MLM and NLM on some of it are
            measured twenty times and at the end.
        extend: whether a finished run in `output` gets more steps, up to `steps`. It
            warms up and decays again, on other noise and order, and keeps the model of
            before beside the new one.
        warm_start_steps: steps that teach the character encoder the encoder's
            embeddings first; for `init`.
        new_weights_multiplier: what the learning rate of the weights that `init` does
            not hold is multiplied by.
        noise_rate: share of words with a typo.
        num_layers: transformer layers, without `init`.
        num_heads: attention heads, without `init`.
        hidden_dim: hidden size, without `init`.
        intermediate_dim: feed-forward size, without `init`; by default four times the
            hidden one.
        learning_rate: the peak; the default is the paper's.
        batch_size: examples of a batch. The paper does not say how large its are.
        sequence_length: tokens of an example; the default is for a first try, the paper
            has 384.
        seed: of new weights, order, noise and masks.
        jit_compile: whether XLA compiles the step but for the character encoder, for
            GPUs. All batches are then padded to `sequence_length`.
    """

    input: Sequence[str]
    output: str
    vocabulary: str | None = None
    init: str | None = None
    characters: bool = True
    interaction: Annotated[str, Limits(choices=INTERACTIONS)] = INTERACTIONS[0]
    steps: Annotated[int, Limits(least=1)] = 100_000
    dev_input: Sequence[str] | None = None
    extend: bool = False
    warm_start_steps: Annotated[int, Limits(least=0)] = 0
    new_weights_multiplier: Annotated[float, Limits(least=0)] = 1.0
    noise_rate: Annotated[float, Limits(0, 1)] = 0.15
    num_layers: Annotated[int, Limits(least=1)] = 12
    num_heads: Annotated[int, Limits(least=1)] = 12
    hidden_dim: Annotated[int, Limits(least=4)] = 768
    intermediate_dim: Annotated[int | None, Limits(least=1)] = None
    learning_rate: Annotated[float, Limits(least=0)] = 3e-5
    batch_size: Annotated[int, Limits(least=1)] = 32
    sequence_length: Annotated[int, Limits(least=8)] = 128
    seed: Annotated[int, Limits(0, HIGHEST_SEED)] = 0
    jit_compile: bool = False
