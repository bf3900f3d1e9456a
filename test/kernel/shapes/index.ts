/** A kernel module with functions of every shape, which write down what they get. */

export { buildShapesModule } from './build-module.ts';
export { type ShapeFunction, shapeFunctions } from './functions.ts';
export { MODULE_NAME } from './source.ts';
