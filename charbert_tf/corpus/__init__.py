"""From text of any size to blocks that pretraining reads, with Apache Beam."""
