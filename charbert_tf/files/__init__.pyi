from charbert_tf.files.atomic_output import atomic_file as atomic_file
from charbert_tf.files.atomic_output import atomic_folder as atomic_folder
from charbert_tf.files.atomic_output import (
    refuse_to_replace_file as refuse_to_replace_file,
)
from charbert_tf.files.errors import UserError as UserError
from charbert_tf.files.paper_figure import save_figure as save_figure
from charbert_tf.files.run_folder import RunFolder as RunFolder
from charbert_tf.files.text_files import check_lines as check_lines
from charbert_tf.files.text_files import expand_patterns as expand_patterns
from charbert_tf.files.text_files import read_lines as read_lines
