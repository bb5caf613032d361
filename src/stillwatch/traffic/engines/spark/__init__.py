"""The Spark engine: the same expressions on a cluster, the same kernels inside its workers."""
