/* LeNet-5 with its weights, compiled in: no file is read, no memory allocated, nothing kept between two calls.
 *
 * Written by cbindgen from src/lib.rs. */

#ifndef LENET5_H
#define LENET5_H

#include <stddef.h>
#include <stdint.h>

/*
 Floats of the input: 28 rows of 28, from 0 for the ground to 1 for the pen.
 */
#define LENET5_INPUT 784

/*
 Floats of the output: a score for each digit.
 */
#define LENET5_OUTPUT 10

/*
 Bytes of the scratch memory.
 */
#define LENET5_SCRATCH_BYTES 31652

/*
 What the address of the scratch memory is a multiple of.
 */
#define LENET5_SCRATCH_ALIGNMENT 4

/*
 How a call ended.
 */
typedef enum {
  /*
   The output is written.
   */
  LENET5_OK = 0,
  /*
   A pointer is null.
   */
  LENET5_NULL = 1,
  /*
   The input has not LENET5_INPUT floats.
   */
  LENET5_INPUT_LENGTH = 2,
  /*
   The output has not LENET5_OUTPUT floats.
   */
  LENET5_OUTPUT_LENGTH = 3,
  /*
   The scratch memory is smaller than LENET5_SCRATCH_BYTES.
   */
  LENET5_SCRATCH_SIZE = 4,
  /*
   A pointer is not aligned for floats.
   */
  LENET5_ALIGNMENT = 5,
  /*
   Two of the three memories overlap.
   */
  LENET5_OVERLAP = 6,
} Lenet5Status;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 LENET5_SCRATCH_BYTES, for those who load this library while they run.
 */
size_t lenet5_scratch_bytes(void);

/*
 LENET5_SCRATCH_ALIGNMENT, for the same.
 */
size_t lenet5_scratch_alignment(void);

/*
 output <- the score of each digit for an image; the largest is the network's answer.

 input has input_length floats, output output_length, scratch scratch_bytes bytes of any content, which is not worth keeping. The
 three do not overlap. Nothing is written unless the status is LENET5_OK. May be called by several threads at once, each
 with an output and a scratch memory of its own.

 # Safety

 Pointers that are not null point to as much memory as their length says, which nobody else writes meanwhile, and nobody else
 reads that of output and scratch.
 */
Lenet5Status lenet5_forward(const float *input,
                            size_t input_length,
                            float *output,
                            size_t output_length,
                            void *scratch,
                            size_t scratch_bytes);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* LENET5_H */
