"""The flags that say which text of an example is attacked, as the families have it."""

from charbert_tf.families.named_tasks import FAMILIES
from official import option_flags

HOLDERS = option_flags.define(
    option for family in FAMILIES.values() for option in family.attack_options
)
