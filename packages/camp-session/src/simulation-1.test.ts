import { testSeeds } from "./seeds.test.js";

testSeeds(1, 2500);
