import { testSeeds } from "./seeds.test.js";

testSeeds(2501, 2500);
