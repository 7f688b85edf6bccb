/* Copy, scale, add and triad over three arrays of doubles or floats, the bytes counted as the STREAM benchmark counts
   them (McCalpin 1995). Prints the median bytes per second of each: stream NUMBERS TRIALS. */

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef REAL
#define REAL float
#endif

static int by_size(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    const long n = atol(argv[1]);
    const int trials = atoi(argv[2]);
    if (n < 1 || trials < 1 || trials > 20) return 2; /* after more, floats overflow */
    const char *names[4] = {"copy", "scale", "add", "triad"};
    const int arrays[4] = {2, 2, 3, 3};
    const REAL factor = 3;
    REAL *a = malloc(n * sizeof(REAL)), *b = malloc(n * sizeof(REAL)), *c = malloc(n * sizeof(REAL));
    double *seconds[4];
    for (int kernel = 0; kernel < 4; kernel++) seconds[kernel] = malloc(trials * sizeof(double));
    if (!a || !b || !c) return 1;

#pragma omp parallel for
    for (long i = 0; i < n; i++) { a[i] = 1; b[i] = 2; c[i] = 0; }

    for (int trial = -1; trial < trials; trial++) { /* the first is not counted */
        double at[5];
        at[0] = omp_get_wtime();
#pragma omp parallel for
        for (long i = 0; i < n; i++) c[i] = a[i];
        at[1] = omp_get_wtime();
#pragma omp parallel for
        for (long i = 0; i < n; i++) b[i] = factor * c[i];
        at[2] = omp_get_wtime();
#pragma omp parallel for
        for (long i = 0; i < n; i++) c[i] = a[i] + b[i];
        at[3] = omp_get_wtime();
#pragma omp parallel for
        for (long i = 0; i < n; i++) a[i] = b[i] + factor * c[i]; /* 15 times as large */
        at[4] = omp_get_wtime();
        for (int kernel = 0; kernel < 4 && trial >= 0; kernel++) seconds[kernel][trial] = at[kernel + 1] - at[kernel];
    }
    for (int kernel = 0; kernel < 4; kernel++) {
        qsort(seconds[kernel], trials, sizeof(double), by_size);
        printf("%s %.6e\n", names[kernel], arrays[kernel] * (double)n * sizeof(REAL) / seconds[kernel][trials / 2]);
    }
    return !(a[n / 2] == a[n / 2]); /* the arrays are used */
}
