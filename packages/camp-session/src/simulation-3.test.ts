import { testSeeds } from "./seeds.test.js";

testSeeds(5001, 2500);
