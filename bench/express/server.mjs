// The promotions service as the original makes it: one query and one log entry per request, the reply after the log.
import express from "express";
import { MongoClient } from "mongodb";

const client = new MongoClient(process.env.MONGO_URL);
const promotions = client.db("promo").collection("promoAdobe");
const logs = client.db("promo").collection("promoLogging");
const app = express();
app.use(express.json());

app.post("/getPromotions", async (request, response) => {
  const { requestId, userIds } = request.body;
  const found = await promotions.find({ userId: { $in: userIds }, used: false }).toArray();
  try {
    await logs.insertOne({
      requestId,
      api: "/getPromotions",
      value: userIds.toString(),
      sys_insertDateTime: new Date().toISOString(),
    });
  } catch (error) {
    // A log that fails takes no promotion from anybody.
    console.error(error.message);
  }
  response.json(found);
});

await client.connect();
const server = app.listen(0, "127.0.0.1", (error) => {
  if (error) throw error;
  console.log(server.address().port);
});
