//! The spawner on its own, so that tests and benchmarks need no other part of the product.

fn main() {
    engine_function::spawner_main()
}
