/* Reads a digit with the embedded network, and holds what can go wrong with a call against its status.
 *
 *     main ../data/seven.gray 7
 *
 * The file has 28 rows of 28 bytes, light on dark; the number is what it should be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lenet5.h"

static float image[LENET5_INPUT];
static float scores[LENET5_OUTPUT];
/* One byte more than is needed, to be wrong by one. */
static _Alignas(LENET5_SCRATCH_ALIGNMENT) unsigned char scratch[LENET5_SCRATCH_BYTES + LENET5_SCRATCH_ALIGNMENT];

static int failures = 0;

static void expect(const char *what, Lenet5Status found, Lenet5Status expected) {
    if (found != expected) {
        printf("%s: status %d, expected %d\n", what, (int)found, (int)expected);
        failures++;
    }
}

static void check_statuses(void) {
    const size_t in = LENET5_INPUT, out = LENET5_OUTPUT, bytes = LENET5_SCRATCH_BYTES;
    expect("no input", lenet5_forward(NULL, in, scores, out, scratch, bytes), LENET5_NULL);
    expect("no output", lenet5_forward(image, in, NULL, out, scratch, bytes), LENET5_NULL);
    expect("no scratch", lenet5_forward(image, in, scores, out, NULL, bytes), LENET5_NULL);
    expect("short input", lenet5_forward(image, in - 1, scores, out, scratch, bytes), LENET5_INPUT_LENGTH);
    expect("long input", lenet5_forward(image, in + 1, scores, out, scratch, bytes), LENET5_INPUT_LENGTH);
    expect("short output", lenet5_forward(image, in, scores, out - 1, scratch, bytes), LENET5_OUTPUT_LENGTH);
    expect("small scratch", lenet5_forward(image, in, scores, out, scratch, bytes - 1), LENET5_SCRATCH_SIZE);
    expect("odd scratch", lenet5_forward(image, in, scores, out, scratch + 1, bytes), LENET5_ALIGNMENT);
    expect("scratch in the output", lenet5_forward(image, in, (float *)(void *)scratch, out, scratch, bytes), LENET5_OVERLAP);
    expect("output in the input", lenet5_forward(image, in, image + in - 1, out, scratch, bytes), LENET5_OVERLAP);
    expect("large scratch", lenet5_forward(image, in, scores, out, scratch, bytes + 1), LENET5_OK);
    if (lenet5_scratch_bytes() != LENET5_SCRATCH_BYTES || lenet5_scratch_alignment() != LENET5_SCRATCH_ALIGNMENT) {
        printf("functions and constants differ\n");
        failures++;
    }
}

static int read_image(const char *path) {
    unsigned char pixels[LENET5_INPUT];
    FILE *file = fopen(path, "rb");
    size_t count = file == NULL ? 0 : fread(pixels, 1, sizeof pixels, file);
    if (file != NULL) fclose(file);
    if (count != sizeof pixels) {
        fprintf(stderr, "`%s` has %zu bytes that can be read, %zu are needed\n", path, count, sizeof pixels);
        return 0;
    }
    for (size_t i = 0; i < sizeof pixels; i++) image[i] = (float)pixels[i] / 255.0F;
    return 1;
}

int main(int count, char **arguments) {
    if (count != 3) {
        fprintf(stderr, "usage: %s IMAGE DIGIT\n", arguments[0]);
        return EXIT_FAILURE;
    }
    check_statuses();
    if (!read_image(arguments[1])) return EXIT_FAILURE;
    /* What is in the scratch memory does not matter. */
    memset(scratch, 0xFF, sizeof scratch);
    expect("the image", lenet5_forward(image, LENET5_INPUT, scores, LENET5_OUTPUT, scratch, LENET5_SCRATCH_BYTES), LENET5_OK);
    size_t best = 0;
    for (size_t digit = 0; digit < LENET5_OUTPUT; digit++) {
        printf("%zu %8.4f\n", digit, (double)scores[digit]);
        if (scores[digit] > scores[best]) best = digit;
    }
    printf("answer %zu\n", best);
    return failures == 0 && best == (size_t)atoi(arguments[2]) ? EXIT_SUCCESS : EXIT_FAILURE;
}
