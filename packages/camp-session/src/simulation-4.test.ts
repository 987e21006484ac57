import { testSeeds } from "./seeds.test.js";

testSeeds(7501, 2500);
