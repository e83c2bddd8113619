"""What is read from XLA's text of a program."""

from benchmarks.compiled_step import read_program

PROGRAM = """HloModule step

%fused (p: f32[8,4]) -> f32[8,4] {
  %p = f32[8,4]{1,0} parameter(0)
  ROOT %e = f32[8,4]{1,0} exponential(%p), metadata={op_name="dot"}
}

ENTRY %main.3 (x: bf16[8,16], w: bf16[16,4]) -> (f32[8,4], f32[8,4]) {
  %x = bf16[8,16]{1,0} parameter(0), metadata={op_name="XLA_Args"}
  %w = bf16[16,4]{1,0} parameter(1)
  %dot.1 = f32[8,4]{1,0} dot(%x, %w), lhs_contracting_dims={1}
  %matmul = f32[8,4]{1,0} custom-call(%x, %w), custom_call_target="__onednn$matmul"
  %exp = f32[8,4]{1,0} fusion(%dot.1), kind=kLoop, calls=%fused
  ROOT %both = (f32[8,4]{1,0}, f32[8,4]{1,0}) tuple(%exp, %matmul)
}
"""


def test_kernels_and_their_bytes():
    program = read_program(PROGRAM)
    assert program.instructions == 8
    assert program.kernels == 3
    assert program.products == 2
    x, w, y = 8 * 16 * 2, 16 * 4 * 2, 8 * 4 * 4
    assert program.read == 2 * (x + w) + y
    assert program.written == 3 * y
