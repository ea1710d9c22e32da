// Open MPI. Its handles and constants are macros, which Swift does not import: each gets a small function.
#pragma once
#define OMPI_SKIP_MPICXX 1
#include <mpi.h>
#include <stdio.h>

static inline MPI_Comm tensorcore_mpi_world(void) { return MPI_COMM_WORLD; }
static inline MPI_Datatype tensorcore_mpi_float(void) { return MPI_FLOAT; }
static inline MPI_Datatype tensorcore_mpi_byte(void) { return MPI_BYTE; }
static inline int tensorcore_mpi_success(void) { return MPI_SUCCESS; }
static inline int tensorcore_mpi_error_text_size(void) { return MPI_MAX_ERROR_STRING; }

// Errors of calls on the world are returned; by default they end the process.
static inline int tensorcore_mpi_return_errors(void) {
  return MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
}

static inline void tensorcore_mpi_print_error(const char *text) { fputs(text, stderr); }
