"""The commands of `kccwatch`, by what a person wants from them."""
